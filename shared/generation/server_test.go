package generation_test

import (
	"context"
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"chatreports/shared/table"
	"chatreports/shared/table/dynamo"
)

// serverVariable names the server that this is run against.
const serverVariable = "CHATREPORTS_DYNAMODB"

// TestAnotherGenerationUnderLoadOnAServer is the same over DynamoDB's protocol, with less load.
func TestAnotherGenerationUnderLoadOnAServer(t *testing.T) {
	url := os.Getenv(serverVariable)
	if url == "" {
		t.Skipf("needs a server: start one (dynoxide serve --port 8002) and set %s=http://127.0.0.1:8002", serverVariable)
	}
	for name, value := range map[string]string{
		"AWS_ENDPOINT_URL": url, "AWS_ENDPOINT_URL_DYNAMODB": "", "AWS_SESSION_TOKEN": "",
		"AWS_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test",
	} {
		t.Setenv(name, value)
	}
	client, err := dynamo.Client(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	create := func(what string) table.Table {
		name := fmt.Sprintf("%s-%x", what, time.Now().UnixNano())
		if err := dynamo.Create(t.Context(), client, name, false); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			_, _ = client.DeleteTable(context.Background(), &dynamodb.DeleteTableInput{TableName: &name})
		})
		return dynamo.New(client, name)
	}
	underLoad(worldOf(t, create("journal"), create("state")), simulated()[:700])
}
