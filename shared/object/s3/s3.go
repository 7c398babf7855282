// Package s3 keeps objects in a bucket of S3, or of a server that speaks its protocol.
// Small objects are put at once, large ones in parts, so that memory stays flat.
package s3

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"mime"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"chatreports/shared/awsenv"
	"chatreports/shared/object"
)

// Store is one bucket.
type Store struct {
	client *s3.Client
	bucket string
}

var _ object.Store = (*Store)(nil)

// New returns a bucket as a store.
func New(client *s3.Client, bucket string) *Store { return &Store{client, bucket} }

// Client connects to the S3 that the environment names: see awsenv. A server other than
// AWS's is asked by path and not by host.
func Client(ctx context.Context) (*s3.Client, error) {
	cfg, err := awsenv.Config(ctx, "S3")
	if err != nil {
		return nil, fmt.Errorf("s3: %w", err)
	}
	return s3.NewFromConfig(cfg, func(o *s3.Options) { o.UsePathStyle = cfg.BaseEndpoint != nil }), nil
}

// Bucket is the bucket of a name, in the S3 that the environment names.
func Bucket(ctx context.Context, name string) (*Store, error) {
	if name == "" {
		return nil, errors.New("s3: the environment names no bucket")
	}
	client, err := Client(ctx)
	return New(client, name), err
}

// Create makes a bucket, or takes the one that is there: for tests and local servers. On AWS
// the template makes it.
func Create(ctx context.Context, name string) error {
	client, err := Client(ctx)
	if err != nil {
		return err
	}
	in := &s3.CreateBucketInput{Bucket: &name}
	if region := client.Options().Region; region != "us-east-1" { // which is the one that may not be named
		in.CreateBucketConfiguration = &types.CreateBucketConfiguration{LocationConstraint: types.BucketLocationConstraint(region)}
	}
	_, err = client.CreateBucket(ctx, in)
	if _, own := errors.AsType[*types.BucketAlreadyOwnedByYou](err); own {
		return nil
	}
	if err != nil {
		return fmt.Errorf("s3: creating bucket %s: %w", name, err)
	}
	return nil
}

// Open implements object.Store.
func (s *Store) Open(ctx context.Context, key string) (io.ReadCloser, error) {
	out, err := s.client.GetObject(ctx, &s3.GetObjectInput{Bucket: &s.bucket, Key: &key})
	if _, none := errors.AsType[*types.NoSuchKey](err); none {
		return nil, object.ErrNone
	}
	if err != nil {
		return nil, fmt.Errorf("s3: reading %s: %w", key, err)
	}
	return out.Body, nil
}

// Delete implements object.Store.
func (s *Store) Delete(ctx context.Context, key string) error {
	_, err := s.client.DeleteObject(ctx, &s3.DeleteObjectInput{Bucket: &s.bucket, Key: &key})
	if _, none := errors.AsType[*types.NoSuchKey](err); err == nil || none { // S3 says nothing of it, other servers may
		return nil
	}
	return fmt.Errorf("s3: deleting %s: %w", key, err)
}

// List implements object.Store.
func (s *Store) List(ctx context.Context, prefix string) iter.Seq2[object.Info, error] {
	return func(yield func(object.Info, error) bool) {
		pages := s3.NewListObjectsV2Paginator(s.client, &s3.ListObjectsV2Input{Bucket: &s.bucket, Prefix: &prefix})
		for pages.HasMorePages() {
			page, err := pages.NextPage(ctx)
			if err != nil {
				yield(object.Info{}, fmt.Errorf("s3: listing %s: %w", prefix, err))
				return
			}
			for i := range page.Contents {
				o := &page.Contents[i]
				if !yield(object.Info{Key: *o.Key, Bytes: aws.ToInt64(o.Size), Modified: aws.ToTime(o.LastModified)}, nil) {
					return
				}
			}
		}
	}
}

// Abandon implements object.Store.
func (s *Store) Abandon(ctx context.Context, prefix string) error {
	pages := s3.NewListMultipartUploadsPaginator(s.client, &s3.ListMultipartUploadsInput{Bucket: &s.bucket, Prefix: &prefix})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return fmt.Errorf("s3: listing the uploads to %s: %w", prefix, err)
		}
		for i := range page.Uploads {
			u := &page.Uploads[i]
			_, err := s.client.AbortMultipartUpload(ctx, &s3.AbortMultipartUploadInput{Bucket: &s.bucket, Key: u.Key, UploadId: u.UploadId})
			if err != nil && !isEnded(err) {
				return fmt.Errorf("s3: ending an upload to %s: %w", *u.Key, err)
			}
		}
	}
	return nil
}

// Link implements object.Store.
func (s *Store) Link(ctx context.Context, key, name string, good time.Duration) (string, error) {
	disposition := mime.FormatMediaType("attachment", map[string]string{"filename": name})
	signed, err := s3.NewPresignClient(s.client).PresignGetObject(ctx,
		&s3.GetObjectInput{Bucket: &s.bucket, Key: &key, ResponseContentDisposition: &disposition}, s3.WithPresignExpires(good))
	if err != nil {
		return "", fmt.Errorf("s3: signing a link to %s: %w", key, err)
	}
	return signed.URL, nil
}
