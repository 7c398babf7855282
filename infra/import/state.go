package main

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"sync"
	"time"
)

// state is how far a file was sent, in a file beside it for as long as it is not sent whole.
type state struct {
	// What is sent where: if any of it is another one, the sending begins anew.
	Size     int64     `json:"size"`
	Modified time.Time `json:"modified"`
	Format   string    `json:"format"`
	Before   string    `json:"before,omitempty"`
	To       string    `json:"to"`
	Key      string    `json:"key"` // the beginning of its hash, which does not tell it
	// All before this line of this part was answered.
	Part string `json:"part,omitempty"`
	Line int    `json:"line"`

	mu    sync.Mutex
	path  string
	saved time.Time
	err   error // of saving
}

// newState is the state of a file that nothing was sent of.
func newState(file, format, before, to, key string) (*state, error) {
	info, err := os.Stat(file)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is no file", file)
	}
	sum := sha256.Sum256([]byte(key))
	return &state{
		Size: info.Size(), Modified: info.ModTime().UTC(), Format: format, Before: before, To: to, Key: hex.EncodeToString(sum[:4]), path: file + ".import",
	}, nil
}

// resume goes on where an earlier run stopped, and says whether there was one.
func (s *state) resume() (bool, error) {
	raw, err := os.ReadFile(s.path)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	var old state
	if json.Unmarshal(raw, &old) != nil || old.Size != s.Size || !old.Modified.Equal(s.Modified) || old.Format != s.Format || old.Before != s.Before ||
		old.To != s.To || old.Key != s.Key {
		return false, nil
	}
	s.Part, s.Line = old.Part, old.Line
	return true, nil
}

// saveEvery is how often the state is written.
const saveEvery = time.Second

// reached notes that all before a line was answered.
func (s *state) reached(part string, line int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.Part, s.Line = part, line
	if time.Since(s.saved) >= saveEvery {
		s.save()
	}
}

// stop writes how far it came; done deletes it.
func (s *state) stop() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.Line > 0 {
		s.save()
	}
	return s.err
}

func (s *state) done() error {
	if err := os.Remove(s.path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// save writes the state as a whole or not at all.
func (s *state) save() {
	raw, err := json.Marshal(s)
	if err == nil {
		err = os.WriteFile(s.path+".new", raw, 0o600)
	}
	if err == nil {
		err = os.Rename(s.path+".new", s.path)
	}
	s.saved, s.err = time.Now(), err
}
