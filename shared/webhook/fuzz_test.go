package webhook_test

import (
	"net/http"
	"net/url"
	"reflect"
	"testing"
	"time"

	"chatreports/shared/event"
	"chatreports/shared/tenant"
	"chatreports/shared/webhook"
	"chatreports/shared/webhook/chatbot"
	"chatreports/shared/webhook/comm100"
	"chatreports/shared/webhook/drift"
	"chatreports/shared/webhook/freshchat"
	"chatreports/shared/webhook/livechat"
	"chatreports/shared/webhook/standard"
)

func FuzzFreshchat(f *testing.F) { fuzz(f, freshchat.Provider{}) }
func FuzzDrift(f *testing.F)     { fuzz(f, drift.Provider{}) }
func FuzzChatBot(f *testing.F)   { fuzz(f, chatbot.Provider{}) }
func FuzzLiveChat(f *testing.F)  { fuzz(f, livechat.Provider{}) }
func FuzzComm100(f *testing.F)   { fuzz(f, comm100.Provider{}) }
func FuzzStandard(f *testing.F)  { fuzz(f, standard.Provider{}) }

// fuzz: whatever comes, a parser does not panic, tells the same of the same delivery, and
// makes no event but those that the door would take. Nobody who knows no secret is heard.
func fuzz(f *testing.F, p webhook.Provider) {
	for _, body := range bodies(f, p.Name()) {
		f.Add(body)
	}
	hook := &tenant.Webhook{ID: "w", Provider: p.Name(), PublicKey: vectorKey, Token: "whsec_c2VjcmV0IG9mIG5vYm9keQ==", NextToken: "whsec_bmV4dCBvbmU="}
	f.Fuzz(func(t *testing.T, body []byte) {
		d := &webhook.Delivery{Method: http.MethodPost, Header: http.Header{}, Query: url.Values{}, Body: body, Arrived: arrived, Clock: arrived}
		if p.Authentic(hook, d) {
			t.Fatal("it is taken for the vendor's")
		}
		told, err := p.Events(d)
		again, errAgain := p.Events(d)
		if (err == nil) != (errAgain == nil) || !reflect.DeepEqual(told, again) {
			t.Fatalf("%+v, %v\nand then\n%+v, %v", told, err, again, errAgain)
		}
		if err != nil {
			return
		}
		for i := range told.Events {
			e := &told.Events[i]
			raw, err := e.Marshal()
			if err != nil {
				t.Fatalf("%+v: %v", e, err)
			}
			if _, _, refused := event.Parse(raw, arrived); refused != nil && refused.Code != event.CodeTooLarge {
				t.Fatalf("%s\nis refused: %v", raw, refused)
			}
			if e.ID == "" || e.Source == "" || e.Time().After(arrived.Add(5*time.Minute)) {
				t.Fatalf("%+v", e)
			}
		}
		for _, r := range told.Refused {
			if r.Code == "" || r.Message == "" {
				t.Fatalf("refused without a reason: %+v", r)
			}
		}
	})
}
