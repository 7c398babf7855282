package function

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"

	"chatreports/shared/admission"
	"chatreports/shared/dialect"
	"chatreports/shared/dialect/comm100"
	"chatreports/shared/table"
	"chatreports/shared/table/embedded"
	"chatreports/shared/tenant"
)

// weighty stands for an API of reports: a question weighs what it says, and takes as
// long as it says or until its context ends.
type weighty struct{ shape dialect.Shape }

func (w weighty) Shape() dialect.Shape { return w.shape }

func (weighty) Answer(ctx context.Context, r *dialect.Request) (*dialect.Answer, error) {
	weight, err := strconv.ParseInt(r.Query.Get("weight"), 10, 64)
	if err != nil {
		return nil, err
	}
	if err := admission.Need(ctx, weight); err != nil {
		return nil, err
	}
	takes, err := time.ParseDuration(r.Query.Get("takes"))
	if err != nil {
		return nil, err
	}
	// Half of the time it reads, and the other half it writes.
	select {
	case <-time.After(takes / 2):
	case <-ctx.Done():
		return nil, errors.New("reading counters: " + ctx.Err().Error())
	}
	a := dialect.JSON([]string{})
	write := a.Write
	a.Write = func(w io.Writer) error {
		for range 100 {
			time.Sleep(takes / 200)
			if _, err := w.Write([]byte{' '}); err != nil {
				return err
			}
		}
		return write(w)
	}
	return a, nil
}

// known is a state's table with a key of each tenant, whose secret is the tenant's id.
func known(t *testing.T, tenants ...string) table.Table {
	t.Helper()
	db, err := embedded.Open(t.TempDir(), embedded.NoSync)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	state := db.Table("state")
	for _, id := range tenants {
		e := tenant.Entry{Tenant: tenant.Tenant{ID: id, Zone: "UTC"}, Keys: []tenant.Key{{ID: "k", Secret: id, Scopes: tenant.Scopes()}}}
		if err := tenant.Put(t.Context(), state, e); err != nil {
			t.Fatal(err)
		}
	}
	return state
}

// ask asks as a tenant, and gives the status, the code and Retry-After.
func ask(ctx context.Context, h lambda.Handler, as, query string) (status int, code any, retry string, err error) {
	e := events.APIGatewayV2HTTPRequest{
		Version: "2.0", RawPath: comm100.Prefix + "chatVolume", RawQueryString: query,
		Headers: map[string]string{"authorization": "Bearer " + as},
	}
	e.RequestContext.HTTP.Method, e.RequestContext.DomainName = http.MethodGet, "api.example"
	payload, err := json.Marshal(e)
	if err != nil {
		return 0, nil, "", err
	}
	raw, err := h.Invoke(ctx, payload)
	if err != nil {
		return 0, nil, "", err
	}
	var response events.APIGatewayV2HTTPResponse
	var body struct{ Code any }
	if err = json.Unmarshal(raw, &response); err == nil && response.StatusCode != http.StatusOK {
		err = json.Unmarshal([]byte(response.Body), &body)
	}
	return response.StatusCode, body.Code, response.Headers["Retry-After"], err
}

var comm100Shape = comm100.New(nil, nil).Shape()

func TestAReportThatIsNotAnsweredSaysWhy(t *testing.T) {
	state := known(t, "acme", "a", "b")
	limits := admission.Limits{One: 60, Share: 60, All: 100, Wait: 5 * time.Second}
	for name, c := range map[string]struct {
		// before is what others ask just before, by tenant.
		before map[string]string
		query  string
		status int
		ours   string
		retry  string
	}{
		"there is room":                  {nil, "weight=60&takes=1s", 200, "", ""},
		"it weighs more than any may":    {nil, "weight=61&takes=1s", 400, "too_much", ""},
		"the tenant's own share is used": {map[string]string{"acme": "weight=60&takes=9s"}, "weight=1&takes=1s", 429, "too_many_reports", "5"},
		"it is used for a short time":    {map[string]string{"acme": "weight=60&takes=4s"}, "weight=1&takes=1s", 200, "", ""},
		"everybody's room is used":       {map[string]string{"a": "weight=60&takes=9s", "b": "weight=40&takes=9s"}, "weight=1&takes=1s", 503, "busy", "5"},
		"another has used its share":     {map[string]string{"a": "weight=60&takes=9s"}, "weight=40&takes=1s", 200, "", ""},
		"it takes too long":              {nil, "weight=1&takes=99s", 503, "too_slow", "10"},
		"it takes too long to write":     {nil, "weight=1&takes=20s", 503, "too_slow", "10"},
		"storage fails":                  {nil, "weight=1&takes=not", 503, "unavailable", "2"},
	} {
		t.Run(name, func(t *testing.T) {
			for shape, code := range map[*dialect.Shape]any{&dialect.Ours: c.ours, &comm100Shape: float64(c.status * 1000)} {
				synctest.Test(t, func(t *testing.T) {
					d := Deps{State: state, Now: time.Now, Log: slog.New(slog.DiscardHandler), Reports: admission.New(limits)}
					h, code := Report(d, weighty{*shape}), code
					if c.status == http.StatusOK {
						code = nil
					}
					var others sync.WaitGroup
					for as, query := range c.before {
						others.Go(func() { _, _, _, _ = ask(t.Context(), h, as, query) })
					}
					defer others.Wait()
					synctest.Wait()
					ctx, cancel := context.WithTimeout(t.Context(), 15*time.Second)
					defer cancel()
					began := time.Now()
					status, got, retry, err := ask(ctx, h, "acme", c.query)
					if err != nil || status != c.status || got != code || retry != c.retry {
						t.Errorf("the answer is %d %v, Retry-After %q, %v; want %d %v %q", status, got, retry, err, c.status, code, c.retry)
					}
					if took := time.Since(began); took >= 15*time.Second {
						t.Errorf("it took %s, and Lambda would have killed it", took)
					}
				})
			}
		})
	}
}
