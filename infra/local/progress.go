package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"time"
)

// stage is how far the system is on its way to its first answer.
type stage struct {
	Status  string `json:"status"`            // loading
	Loading string `json:"loading,omitempty"` // what: the demo, or what was stored before
	Done    int    `json:"done"`
	Of      int    `json:"of"`
	Unit    string `json:"unit,omitempty"` // of both numbers
}

func (s stage) String() string {
	if s.Of == 0 {
		return "starting"
	}
	return fmt.Sprintf("loading %s, %d of %d %s", s.Loading, s.Done, s.Of, s.Unit)
}

// progress tells of the stages, to whoever asks and on a terminal.
type progress struct {
	mu    sync.Mutex
	stage stage
}

func newProgress() *progress { return &progress{stage: stage{Status: "loading"}} }

func (p *progress) now() stage {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.stage
}

// begin says what is loaded from here on.
func (p *progress) begin(what string, of int, unit string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.stage = stage{"loading", what, 0, of, unit}
}

// reach says how much is done.
func (p *progress) reach(done int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.stage.Done = min(max(p.stage.Done, done), p.stage.Of)
}

// How often progress is shown. What is over before is not shown at all.
const (
	showOnTerminal = 100 * time.Millisecond
	showElsewhere  = 2 * time.Second
)

// show writes the stages until done is closed: on a terminal one line that changes,
// elsewhere a line from time to time.
func (p *progress) show(w io.Writer, done <-chan struct{}) {
	every, terminal := showElsewhere, isTerminal(w)
	if terminal {
		every = showOnTerminal
	}
	ticker := time.NewTicker(every)
	defer ticker.Stop()
	shown := ""
	for {
		select {
		case <-done:
			if terminal && shown != "" {
				fmt.Fprintf(w, "\r%s\r", strings.Repeat(" ", len(shown)))
			}
			return
		case <-ticker.C:
		}
		s := p.now()
		switch line := s.String(); {
		case s.Of == 0 || line == shown:
		case terminal:
			fmt.Fprintf(w, "\r%-*s", len(shown), line)
			shown = line
		default:
			fmt.Fprintln(w, line)
			shown = line
		}
	}
}

func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}
