package payload_test

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"chatreports/shared/object"
	"chatreports/shared/object/directory"
	"chatreports/shared/payload"
	"chatreports/shared/tenant"
)

func open(t *testing.T) object.Store {
	t.Helper()
	s, err := directory.Open(t.TempDir(), time.Now, directory.NoSync)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func put(t *testing.T, s object.Store, key string, content []byte) {
	t.Helper()
	if err := object.Put(t.Context(), s, key, func(w io.Writer) error { _, err := w.Write(content); return err }); err != nil {
		t.Fatal(err)
	}
}

// kept is everything of some days, read.
func kept(t *testing.T, s object.Store, who, webhook, from, to string) (keys []string, list []payload.Payload) {
	t.Helper()
	for e, err := range payload.List(t.Context(), s, who, webhook, day(from), day(to)) {
		if err != nil {
			t.Fatal(err)
		}
		p, err := payload.Read(t.Context(), s, &e)
		if err != nil {
			t.Fatal(err)
		}
		if p.Tenant != who || p.Webhook != e.Webhook || e.Day != p.Arrived.Truncate(24*time.Hour) || e.Bytes == 0 {
			t.Errorf("%+v is of %+v", e, p)
		}
		keys, list = append(keys, e.Key), append(list, *p)
	}
	return keys, list
}

func day(s string) time.Time {
	d, err := time.Parse(time.DateOnly, s)
	if err != nil {
		panic(err)
	}
	return d
}

func at(s string) time.Time {
	d, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		panic(err)
	}
	return d
}

// What is kept comes back as it was, in the order in which it came, whatever class it is in;
// of one webhook or of all, and of those days only.
func TestWhatIsKeptIsFoundAgain(t *testing.T) {
	s := open(t)
	delivery := func(who, webhook, arrived, body string) payload.Payload {
		return payload.Payload{Tenant: who, Webhook: webhook, Provider: "drift", Arrived: at(arrived), Body: []byte(body), Header: []payload.Field{{Name: "X-Retry-Count", Value: "1"}}}
	}
	large := strings.Repeat("a body that is long enough to be compressed, ", 100)
	all := []struct {
		days int
		payload.Payload
	}{
		{30, delivery("acme", "dr", "2026-03-01T23:59:59.999Z", "first")},
		{90, delivery("acme", "dr", "2026-03-02T00:00:00Z", "moved to another class")},
		{30, delivery("acme", "dr", "2026-03-02T00:00:00.001Z", large)},
		{7, delivery("acme", "dr", "2026-03-02T09:00:00Z", "\x00\xff no text")},
		{30, delivery("acme", "dr", "2026-03-02T09:00:00.5Z", "x")},
		{30, delivery("acme", "dr", "2026-03-03T00:00:00Z", "last")},
		{30, delivery("acme", "fc", "2026-03-02T08:00:00Z", "of another webhook")},
		{30, delivery("acm", "e", "2026-03-02T08:00:00Z", "of another tenant")},
	}
	for range 2 { // the second time changes nothing
		for i := range all {
			if err := payload.Keep(t.Context(), s, all[i].days, &all[i].Payload); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, c := range []struct {
		who, webhook, from, to string
		want                   []int
	}{
		{"acme", "dr", "2026-03-01", "2026-03-04", []int{0, 1, 2, 3, 4, 5}},
		{"acme", "dr", "2026-03-02", "2026-03-03", []int{1, 2, 3, 4}},
		{"acme", "", "2026-03-02", "2026-03-03", []int{1, 2, 3, 4, 6}},
		{"acme", "fc", "2026-03-01", "2026-03-04", []int{6}},
		{"acm", "", "2026-01-01", "2026-04-01", []int{7}},
		{"acme", "dr", "2026-03-02", "2026-03-02", nil},
		{"acme", "d", "2026-03-01", "2026-03-04", nil},
		{"nobody", "", "2026-03-01", "2026-03-04", nil},
	} {
		_, got := kept(t, s, c.who, c.webhook, c.from, c.to)
		var want []payload.Payload
		for _, n := range c.want {
			want = append(want, all[n].Payload)
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%s/%s from %s to %s: %+v\nwant %+v", c.who, c.webhook, c.from, c.to, got, want)
		}
	}
}

// A kept delivery is one that its day lists for as long as its class says: keys never change.
func TestKeysNeverChange(t *testing.T) {
	s := open(t)
	p := payload.Payload{Tenant: "acme", Webhook: "dr", Provider: "drift", Arrived: at("2026-03-02T09:00:00.25+05:45"), Body: []byte(`{"type":"new_message"}`)}
	for _, days := range tenant.PayloadDays() {
		if err := payload.Keep(t.Context(), s, days, &p); err != nil {
			t.Fatal(err)
		}
	}
	keys, _ := kept(t, s, "acme", "dr", "2026-03-02", "2026-03-03")
	slices.Sort(keys)
	const name = "/acme/2026-03-02/dr/031500.250-b26adc5a52f66c8f"
	if want := []string{"payloads/30d" + name, "payloads/365d" + name, "payloads/7d" + name, "payloads/90d" + name}; !slices.Equal(keys, want) {
		t.Errorf("the keys are %q, want %q", keys, want)
	}
}

// What was kept on 2026-11-29 is read as what it meant then, and so is what a later version
// adds members to.
func TestWhatWasKeptIsRead(t *testing.T) {
	s := open(t)
	want := payload.Payload{
		Tenant: "acme", Webhook: "fc", Provider: "freshchat", Arrived: at("2026-03-02T09:00:00.25Z"),
		Header: []payload.Field{{Name: "X-Retry-Count", Value: "2"}},
	}
	for i, c := range []struct{ hex, body string }{
		{golden, `{"action":"message_create"}`},
		{goldenLarge, `{"action":"message_create","data":"` + strings.Repeat("0123456789", 100) + `"}`},
		{"a5" + golden[2:] + "0563" + hex.EncodeToString([]byte("new")), `{"action":"message_create"}`},
	} {
		raw, err := hex.DecodeString(c.hex)
		if err != nil {
			t.Fatal(err)
		}
		e := payload.Entry{Key: fmt.Sprintf("payloads/30d/acme/2026-03-02/fc/%d", i), Tenant: "acme", Webhook: "fc"}
		put(t, s, e.Key, raw)
		want.Body = []byte(c.body)
		got, err := payload.Read(t.Context(), s, &e)
		if err != nil || !reflect.DeepEqual(got, &want) {
			t.Errorf("%+v, %v", got, err)
		}
		if i > 1 {
			continue
		}
		again := open(t)
		if err := payload.Keep(t.Context(), again, 30, &want); err != nil {
			t.Fatal(err)
		}
		keys, _ := kept(t, again, "acme", "fc", "2026-03-02", "2026-03-03")
		written, err := again.Open(t.Context(), keys[0])
		if err != nil {
			t.Fatal(err)
		}
		if b, err := io.ReadAll(written); err != nil || i == 0 && !bytes.Equal(b, raw) {
			t.Errorf("it is kept as %x, %v", b, err)
		}
	}
}

func TestWhatCannotBeReadIsNamed(t *testing.T) {
	s := open(t)
	e := payload.Entry{Key: "payloads/30d/acme/2026-03-02/fc/damaged"}
	if _, err := payload.Read(t.Context(), s, &e); !errors.Is(err, object.ErrNone) || !strings.Contains(err.Error(), e.Key) {
		t.Errorf("of none: %v", err)
	}
	for _, content := range []string{"", "no CBOR", "\x01no zstd"} {
		put(t, s, e.Key, []byte(content))
		if _, err := payload.Read(t.Context(), s, &e); !errors.Is(err, payload.ErrDamaged) || !strings.Contains(err.Error(), e.Key) {
			t.Errorf("of %q: %v", content, err)
		}
	}
}
