package s3

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/smithy-go"

	"chatreports/shared/object"
)

// partBytes is how large a part is. S3 takes 10,000 of them, and none but the last under
// 5 MiB.
const partBytes = 8 << 20

// aborting bounds how long an upload is given up for: its context may have ended.
const aborting = 10 * time.Second

// upload collects a part while the one before is sent.
type upload struct {
	*Store
	ctx   context.Context
	key   string
	id    *string // of the upload, once there is more than one part
	parts []types.CompletedPart
	part  *bytes.Buffer // being filled
	spare *bytes.Buffer // the other one, when it is not being sent
	sent  chan sent     // nil: nothing is being sent
	err   error
	over  bool // committed or aborted
}

// sent is what became of a part.
type sent struct {
	part   types.CompletedPart
	buffer *bytes.Buffer
	err    error
}

// Create implements object.Store.
func (s *Store) Create(ctx context.Context, key string) (object.Upload, error) {
	if err := object.Check(key); err != nil {
		return nil, err
	}
	return &upload{Store: s, ctx: ctx, key: key, part: &bytes.Buffer{}}, nil
}

// Write implements io.Writer.
func (u *upload) Write(p []byte) (n int, err error) {
	for len(p) > 0 && u.err == nil {
		some := p[:min(len(p), partBytes-u.part.Len())]
		u.part.Write(some)
		p, n = p[len(some):], n+len(some)
		if u.part.Len() == partBytes {
			u.send()
		}
	}
	return n, u.err
}

// send begins to send the part, once the one before has arrived.
func (u *upload) send() {
	u.arrive()
	if u.err == nil && u.id == nil {
		u.begin()
	}
	if u.err != nil {
		return
	}
	full, number := u.part, int32(len(u.parts)+1)
	u.part, u.spare = u.spare, nil
	if u.part == nil {
		u.part = &bytes.Buffer{}
	}
	u.sent = make(chan sent, 1)
	go func() {
		out, err := u.client.UploadPart(u.ctx, &s3.UploadPartInput{
			Bucket: &u.bucket, Key: &u.key, UploadId: u.id, PartNumber: &number,
			Body: bytes.NewReader(full.Bytes()), ChecksumAlgorithm: types.ChecksumAlgorithmCrc32,
		})
		s := sent{buffer: full, err: err}
		if err == nil {
			s.part = types.CompletedPart{PartNumber: &number, ETag: out.ETag, ChecksumCRC32: out.ChecksumCRC32}
		}
		u.sent <- s
	}()
}

func (u *upload) begin() {
	out, err := u.client.CreateMultipartUpload(u.ctx, &s3.CreateMultipartUploadInput{
		Bucket: &u.bucket, Key: &u.key, ContentType: aws.String(object.ContentType(u.key)), ContentEncoding: u.encoding(),
		ChecksumAlgorithm: types.ChecksumAlgorithmCrc32,
	})
	if err != nil {
		u.fail("beginning to write", err)
		return
	}
	u.id = out.UploadId
}

func (u *upload) encoding() *string {
	if e := object.ContentEncoding(u.key); e != "" {
		return &e
	}
	return nil
}

// arrive waits for the part under way.
func (u *upload) arrive() {
	if u.sent == nil {
		return
	}
	s := <-u.sent
	u.sent = nil
	s.buffer.Reset()
	u.spare = s.buffer
	if s.err != nil {
		u.fail("writing a part of", s.err)
		return
	}
	u.parts = append(u.parts, s.part)
}

func (u *upload) fail(doing string, err error) {
	if u.err != nil {
		return
	}
	if isEnded(err) {
		err = errors.Join(object.ErrEnded, err)
	}
	u.err = fmt.Errorf("s3: %s %s: %w", doing, u.key, err)
}

// Commit implements object.Upload.
func (u *upload) Commit() error {
	if u.id == nil && u.err == nil {
		u.over = true
		_, err := u.client.PutObject(u.ctx, &s3.PutObjectInput{
			Bucket: &u.bucket, Key: &u.key, ContentType: aws.String(object.ContentType(u.key)), ContentEncoding: u.encoding(),
			Body: bytes.NewReader(u.part.Bytes()),
		})
		if err != nil {
			u.fail("writing", err)
		}
		return u.err
	}
	if u.part.Len() > 0 {
		u.send()
	}
	u.arrive()
	if u.err != nil {
		return u.err
	}
	_, err := u.client.CompleteMultipartUpload(u.ctx, &s3.CompleteMultipartUploadInput{
		Bucket: &u.bucket, Key: &u.key, UploadId: u.id, MultipartUpload: &types.CompletedMultipartUpload{Parts: u.parts},
	})
	if err != nil {
		u.fail("completing", err)
		return u.err
	}
	u.over = true
	return nil
}

// Abort implements object.Upload.
func (u *upload) Abort() {
	u.arrive()
	if u.over || u.id == nil {
		u.over = true
		return
	}
	u.over = true
	if u.err == nil {
		u.err = object.ErrEnded
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(u.ctx), aborting)
	defer cancel()
	// What is left then a later Abandon ends, or the bucket's lifecycle.
	_, _ = u.client.AbortMultipartUpload(ctx, &s3.AbortMultipartUploadInput{Bucket: &u.bucket, Key: &u.key, UploadId: u.id})
}

// isEnded says whether the upload is no longer there.
func isEnded(err error) bool {
	api, ok := errors.AsType[smithy.APIError](err)
	return ok && api.ErrorCode() == "NoSuchUpload"
}
