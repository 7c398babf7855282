package table

import (
	"context"
	"sync"
)

// Usage counts what an engine's calls consumed, in DynamoDB's capacity units.
// An engine without units counts calls only.
type Usage struct {
	ReadUnits, WriteUnits float64
	Reads, Writes         int64 // round trips
}

// Meter adds up usage. Its zero value is ready; it may be used concurrently.
type Meter struct {
	mu sync.Mutex
	u  Usage
}

// Add adds u.
func (m *Meter) Add(u Usage) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.u.ReadUnits += u.ReadUnits
	m.u.WriteUnits += u.WriteUnits
	m.u.Reads += u.Reads
	m.u.Writes += u.Writes
}

// Usage is the sum so far.
func (m *Meter) Usage() Usage {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.u
}

type meterKey struct{}

// WithMeter makes the engines add what calls under the context consume to m, so
// that one request's cost can be told. Meters of enclosing contexts are not added to.
func WithMeter(ctx context.Context, m *Meter) context.Context {
	return context.WithValue(ctx, meterKey{}, m)
}

// Account adds u to the meters and to the context's, if it has one: for engines.
func Account(ctx context.Context, u Usage, meters ...*Meter) {
	for _, m := range meters {
		m.Add(u)
	}
	if m, ok := ctx.Value(meterKey{}).(*Meter); ok {
		m.Add(u)
	}
}
