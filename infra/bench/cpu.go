package main

import (
	"crypto/sha256"
	"math"
	"runtime"
	"syscall"
	"time"
)

// cpuTime is the processor time this process has used, the collector's included.
func cpuTime() time.Duration {
	all, _, _ := kernelTime()
	return all
}

// kernelTime is that too, the kernel's part of it, and how many pages the kernel read from disk
// for this process: those of a file that is larger than what it keeps in memory.
func kernelTime() (all, kernel time.Duration, pages int64) {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0, 0, 0
	}
	kernel = time.Duration(u.Stime.Nano())
	return time.Duration(u.Utime.Nano()) + kernel, kernel, u.Majflt
}

// cost is what one call of something takes.
type cost struct {
	CPU    time.Duration
	Wall   time.Duration // the shortest: what else the machine does only adds to it
	Allocs float64
	Bytes  float64
}

// measured calls do for at least that long and says what a call takes.
func measured(atLeast time.Duration, do func() error) (cost, error) {
	if err := do(); err != nil { // once before, so that pools are full
		return cost{}, err
	}
	runtime.GC()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	n, cpu, began := 0, cpuTime(), time.Now()
	wall := time.Duration(math.MaxInt64)
	for ; n == 0 || time.Since(began) < atLeast; n++ {
		now := time.Now()
		if err := do(); err != nil {
			return cost{}, err
		}
		wall = min(wall, time.Since(now))
	}
	cpu = cpuTime() - cpu
	runtime.ReadMemStats(&after)
	return cost{
		CPU: cpu / time.Duration(n), Wall: wall,
		Allocs: float64(after.Mallocs-before.Mallocs) / float64(n),
		Bytes:  float64(after.TotalAlloc-before.TotalAlloc) / float64(n),
	}, nil
}

// once calls do, which handles n things, and says what each of them takes. do
// returns what processor time is to be left out.
func once(n int, do func() (apart time.Duration, err error)) (cost, error) {
	runtime.GC()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	cpu := cpuTime()
	apart, err := do()
	cpu = cpuTime() - cpu - apart
	runtime.ReadMemStats(&after)
	per := time.Duration(max(1, n))
	return cost{cpu / per, 0, float64(after.Mallocs-before.Mallocs) / float64(per), float64(after.TotalAlloc-before.TotalAlloc) / float64(per)}, err
}

// machine is how fast this machine is at something everybody knows: MB of SHA-256 a
// second of processor time.
func machine() (float64, error) {
	block := make([]byte, 1<<20)
	c, err := measured(200*time.Millisecond, func() error {
		sha256.Sum256(block)
		return nil
	})
	return float64(len(block)) / 1e6 / c.CPU.Seconds(), err
}
