package s3_test

import (
	"context"
	"fmt"
	"os"
	"sync/atomic"
	"testing"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/service/s3"

	"chatreports/shared/object/objecttest"
	"chatreports/shared/object/s3"
)

// serverVariable names the server that these tests run against. Its keys are "test" and
// "testtest".
const serverVariable = "CHATREPORTS_S3"

var buckets atomic.Int64

func TestContract(t *testing.T) {
	url := os.Getenv(serverVariable)
	if url == "" {
		t.Skipf("needs a server: start one (ROOT_ACCESS_KEY=test ROOT_SECRET_KEY=testtest versitygw --port 127.0.0.1:7070 posix DIR) and set %s=http://127.0.0.1:7070", serverVariable)
	}
	for _, v := range []string{"AWS_ENDPOINT_URL_S3", "AWS_SESSION_TOKEN"} {
		t.Setenv(v, "")
	}
	t.Setenv("AWS_ENDPOINT_URL", url)
	t.Setenv("AWS_REGION", "us-east-1")
	t.Setenv("AWS_ACCESS_KEY_ID", "test")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "testtest")
	client, err := s3.Client(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	objecttest.Run(t, func(t *testing.T) objecttest.Opened {
		name := fmt.Sprintf("test-%x-%d", time.Now().UnixNano(), buckets.Add(1))
		if _, err := client.CreateBucket(t.Context(), &sdk.CreateBucketInput{Bucket: &name}); err != nil {
			t.Fatal(err)
		}
		s := s3.New(client, name)
		t.Cleanup(func() {
			ctx := context.Background()
			_ = s.Abandon(ctx, "")
			for info, err := range s.List(ctx, "") {
				if err != nil {
					t.Error(err)
					return
				}
				_ = s.Delete(ctx, info.Key)
			}
			if _, err := client.DeleteBucket(ctx, &sdk.DeleteBucketInput{Bucket: &name}); err != nil {
				t.Errorf("something is left in the bucket: %v", err)
			}
		})
		return objecttest.Opened{Store: s}
	})
}
