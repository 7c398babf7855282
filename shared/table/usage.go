package table

import "sync"

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
