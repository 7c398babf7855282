package main

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"time"

	"chatreports/infra/loadgen/payload"
	"chatreports/shared/object"
	"chatreports/shared/tenant"
	"chatreports/shared/webhook"
	"chatreports/shared/webhook/vendors"
)

// Prices of us-east-1 in dollars per million: of a write unit on demand, and of a PUT.
const (
	unitPrice = 0.625
	putPrice  = 5.0
)

// payloads plays some hours at 1× as each vendor's payloads, live: signed, recognised, kept,
// mapped, stored, and folded in windows.
func payloads(ctx context.Context, p *printer, o options) error {
	length := 3 * time.Hour
	if o.quick {
		length = 30 * time.Minute
	}
	p.section("Webhooks: %v at 1× from %s as payloads, live in windows of %v", length, peak.Format("15:04"), window)
	for _, vendor := range tenant.Providers() {
		played, err := play(ctx, vendor, length)
		if err != nil {
			return fmt.Errorf("%s: %w", vendor, err)
		}
		p.add(played.results(vendor)...)
	}
	return nil
}

// delivered is what payloads of a vendor cost.
type delivered struct {
	payloads, events int
	bytes            int // of the bodies
	cpu              time.Duration
	kept             *nowhere
	tally
}

func (d *delivered) results(vendor string) []result {
	n := float64(max(1, d.payloads))
	units, stored := float64(sum(d.WriteUnits))/n, float64(d.WriteUnits[kindJournal])/n
	return []result{
		{
			What: vendor, Measured: n / d.cpu.Seconds(), Unit: "payloads/s of processor time",
			Detail: fmt.Sprintf("%d payloads of %d bytes", d.payloads, d.bytes/max(1, d.payloads)),
		},
		{
			What: vendor + ", all in", Measured: units, Unit: "WU a payload",
			Detail: fmt.Sprintf("%.2f events, journal %.2f; kept: %.0f bytes; a million: %.2f $ for write units, %.2f $ for PUTs", float64(d.events)/n, stored, float64(d.kept.bytes)/n, units*unitPrice, float64(d.kept.puts)/n*putPrice),
		},
	}
}

// play plays one vendor.
func play(ctx context.Context, vendor string, length time.Duration) (*delivered, error) {
	hooks, err := payload.Demo()
	if err != nil {
		return nil, err
	}
	who := acme
	who.Webhooks = hooks
	tenants := newMemory()
	if err := tenant.Put(ctx, tenants, tenant.Entry{Tenant: who}); err != nil {
		return nil, err
	}
	c := newCounters(newMemory(), newMemory())
	ch := newChain(c.journal, c.state)
	ch.now = peak
	d := &delivered{kept: &nowhere{}}
	clock := func() time.Time { return ch.now }
	h := &webhook.Handler{
		Providers: vendors.All(), Webhooks: tenant.NewWebhooks(tenants, clock), Journal: ch.journal, Objects: d.kept,
		Now: clock, Clock: clock, Log: slog.New(slog.DiscardHandler),
	}
	speaker, err := payload.As(vendor)
	if err != nil {
		return nil, err
	}
	for e := range workload(1, peak, peak.Add(length)) {
		for !e.Time().Before(ch.now.Add(window)) {
			d.events += len(ch.stream)
			if err := ch.fold(ctx, 0); err != nil {
				return nil, err
			}
			ch.now = ch.now.Add(window)
			if err := ch.merge(ctx); err != nil {
				return nil, err
			}
		}
		bodies, err := speaker.Say(&e)
		if err != nil {
			return nil, err
		}
		for _, body := range bodies {
			if err := d.post(ctx, h, vendor, body, ch.now); err != nil {
				return nil, err
			}
		}
	}
	d.events += len(ch.stream)
	if err := ch.fold(ctx, 0); err != nil {
		return nil, err
	}
	d.tally = c.tally()
	return d, nil
}

// post delivers one payload.
func (d *delivered) post(ctx context.Context, h *webhook.Handler, vendor string, body []byte, at time.Time) error {
	s, err := payload.Sign(vendor, payload.DemoSecret(vendor), body, at)
	if err != nil {
		return err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, webhook.Prefix+payload.DemoID(vendor)+"?"+s.Query.Encode(), bytes.NewReader(s.Body))
	if err != nil {
		return err
	}
	r.Header = s.Header
	w := httptest.NewRecorder()
	began := cpuTime()
	h.ServeHTTP(w, r)
	d.cpu += cpuTime() - began
	if w.Code != http.StatusOK {
		return fmt.Errorf("%s is answered %d %s", s.Body, w.Code, w.Body)
	}
	d.payloads++
	d.bytes += len(s.Body)
	return nil
}

// nowhere takes objects, counts them, and keeps nothing.
type nowhere struct {
	object.Store
	puts, bytes int
}

// Create implements object.Store.
func (n *nowhere) Create(context.Context, string) (object.Upload, error) { return toNowhere{n}, nil }

type toNowhere struct{ *nowhere }

func (u toNowhere) Write(p []byte) (int, error) { u.bytes += len(p); return len(p), nil }

func (u toNowhere) Commit() error { u.puts++; return nil }

func (u toNowhere) Abort() {}
