package functions

import (
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/events"
)

// A log says which call of which tenant it was, and neither a secret nor what people wrote.
func TestLogsTellWhoCalledAndNoSecretAndNoText(t *testing.T) {
	const text, token = "what-only-the-visitor-knows", "token-of-a-link"
	message := `{"specversion":"1.0","id":"1","source":"s","type":"message.sent","subject":"c","time":"2026-03-02T10:00:00Z",
		"data":{"actor":{"type":"visitor","id":"v"},"text":"` + text + `"}}`
	env := append(ofJobs(emptyDynamoDB(t, make(chan string))), "FAILURE_BUCKET=the-failures", "AWS_LAMBDA_LOG_FORMAT=JSON", "AWS_LAMBDA_LOG_LEVEL=DEBUG")
	for _, c := range []struct {
		function string
		call     any
		tenant   bool
	}{
		{"ingest", request("POST", "/v1/events", "", message), true},
		{"ingest", request("POST", "/v1/events", "", strings.Replace(message, "message.sent", text, 1)), true},
		{"ingest", request("POST", "/v1/events", "key="+theKey, message), true},
		{"report", request("GET", "/api/v3/livechat/reports/chatVolume", "timeFrom="+text, ""), true},
		{"conversations", request("POST", "/reports/conversations", "", `{"filters":["`+text+`"]}`), true},
		{"webhook", request("POST", "/v1/webhooks/hook", "token="+theKey, `{"text":"`+text+`"}`), false},
		{"exports", request("GET", "/public/"+token, "", ""), false},
		{"dashboard", request("POST", "/dashboard/sign-in", "", "key="+theKey), false},
	} {
		r := startFunction(t, filepath.Join(programs, c.function), env...)
		var response events.APIGatewayV2HTTPResponse
		r.invoke(c.call, &response)
		if c.tenant && !r.logs(`"tenant":"acme"`) || c.tenant && !r.logs(`"requestId":"call-1"`) {
			t.Errorf("%s: a call that comes to %d is logged without its tenant or its id: %s", c.function, response.StatusCode, r.log())
		}
		r.shut()
		for _, secret := range []string{theKey, text, token} {
			if strings.Contains(r.log(), secret) {
				t.Errorf("%s: a call that comes to %s is logged with %s: %s", c.function, http.StatusText(response.StatusCode), secret, r.log())
			}
		}
	}
	fold := startFunction(t, filepath.Join(programs, "fold"), env...)
	fold.invoke(streamEvent(t, "message.sent"), nil)
	fold.shut()
	if strings.Contains(fold.log(), "Anna Weber") {
		t.Errorf("fold logs who wrote: %s", fold.log())
	}
}
