// Package objecttest holds what every engine behind package object must do, as tests. It
// is used by tests only.
package objecttest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"chatreports/shared/object"
)

// Opened is a store that is empty, and the server that answers links without a host.
type Opened struct {
	object.Store
	Server string
}

// Run checks the contract of object.Store. open is called once per test and cleans up with
// t.Cleanup.
func Run(t *testing.T, open func(t *testing.T) Opened) {
	for _, c := range []struct {
		name string
		test func(*testing.T, Opened)
	}{
		{"what was written comes back, of any size", sizes},
		{"nothing is there before it is whole", whole},
		{"an upload that is aborted leaves nothing", aborted},
		{"an upload that is abandoned does not come to be", abandoned},
		{"an upload whose context ends does not come to be", cancelled},
		{"what was never written, and what was deleted", absent},
		{"a listing is in order, and of its prefix", listing},
		{"a listing goes on beyond a thousand", longListing},
		{"of two that write one key, one is there whole", together},
		{"keys that no engine keeps are refused", keys},
		{"a link needs no key and names the file", link},
		{"what is kept compressed is fetched as it was", compressed},
		{"a link that was altered is none", altered},
		{"a link ends", expired},
	} {
		t.Run(c.name, func(t *testing.T) { c.test(t, open(t)) })
	}
}

// noise is bytes that compress to nothing smaller.
func noise(n int) []byte {
	r := rand.NewChaCha8([32]byte{1})
	b := make([]byte, n)
	_, _ = r.Read(b)
	return b
}

func create(t *testing.T, s Opened, key string) object.Upload {
	t.Helper()
	u, err := s.Create(t.Context(), key)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

// write writes in pieces of odd sizes.
func write(t *testing.T, w io.Writer, content []byte) {
	t.Helper()
	for len(content) > 0 {
		n := min(len(content), 100_003)
		if got, err := w.Write(content[:n]); got != n || err != nil {
			t.Fatalf("wrote %d of %d, %v", got, n, err)
		}
		content = content[n:]
	}
}

func put(t *testing.T, s Opened, key string, content []byte) {
	t.Helper()
	err := object.Put(t.Context(), s, key, func(w io.Writer) error { write(t, w, content); return nil })
	if err != nil {
		t.Fatalf("putting %s: %v", key, err)
	}
}

// read gives an object's bytes, nil if there is none.
func read(t *testing.T, s Opened, key string) []byte {
	t.Helper()
	r, err := s.Open(t.Context(), key)
	if errors.Is(err, object.ErrNone) {
		return nil
	}
	if err != nil {
		t.Fatalf("opening %s: %v", key, err)
	}
	defer func() { _ = r.Close() }()
	b, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return append([]byte{}, b...)
}

func list(t *testing.T, s Opened, prefix string) (keys []string) {
	t.Helper()
	for info, err := range s.List(t.Context(), prefix) {
		if err != nil {
			t.Fatal(err)
		}
		keys = append(keys, info.Key)
	}
	return keys
}

func sizes(t *testing.T, s Opened) {
	all := noise(20<<20 + 7)
	for _, n := range []int{0, 1, 5<<20 + 1, 8 << 20, 16 << 20, len(all)} {
		key := fmt.Sprintf("a/b/%d.zip", n)
		began := time.Now().Add(-2 * time.Second)
		put(t, s, key, all[:n])
		if got := read(t, s, key); got == nil || !bytes.Equal(got, all[:n]) {
			t.Errorf("%d bytes come back as %d others", n, len(got))
		}
		for info, err := range s.List(t.Context(), key) {
			if err != nil || info.Bytes != int64(n) || info.Modified.Before(began) {
				t.Errorf("the listing says %+v, %v", info, err)
			}
		}
	}
}

// large is more than one part.
const large = 17 << 20

func whole(t *testing.T, s Opened) {
	u := create(t, s, "x/one")
	write(t, u, noise(large))
	if got, found := read(t, s, "x/one"), list(t, s, ""); got != nil || found != nil {
		t.Errorf("before it is whole there are %d bytes, and the listing has %v", len(got), found)
	}
	if err := u.Commit(); err != nil {
		t.Fatal(err)
	}
	u.Abort() // as a deferred one
	if got := read(t, s, "x/one"); len(got) != large {
		t.Errorf("afterwards there are %d bytes", len(got))
	}
	u = create(t, s, "x/one")
	write(t, u, []byte("new"))
	if got := read(t, s, "x/one"); len(got) != large {
		t.Errorf("while another is written there are %d bytes", len(got))
	}
	if err := u.Commit(); err != nil || string(read(t, s, "x/one")) != "new" {
		t.Errorf("it is not replaced: %v", err)
	}
}

func aborted(t *testing.T, s Opened) {
	for _, n := range []int{0, 3, large} {
		u := create(t, s, "x/one")
		write(t, u, noise(n))
		u.Abort()
		u.Abort()
		if found := list(t, s, ""); found != nil {
			t.Errorf("%d bytes were aborted, and there is %v", n, found)
		}
		if _, err := u.Write(noise(large)); err == nil && n == large {
			t.Error("what is aborted takes more")
		}
	}
}

func abandoned(t *testing.T, s Opened) {
	ours, other := create(t, s, "x/one"), create(t, s, "y/one")
	write(t, ours, noise(large))
	write(t, other, noise(large))
	for range 2 {
		if err := s.Abandon(t.Context(), "x/"); err != nil {
			t.Fatal(err)
		}
	}
	if err := ours.Commit(); err == nil {
		t.Error("the abandoned one is committed")
	} else if !errors.Is(err, object.ErrEnded) {
		t.Logf("the engine says: %v", err)
	}
	ours.Abort()
	if err := other.Commit(); err != nil {
		t.Errorf("one of another prefix: %v", err)
	}
	if found := list(t, s, ""); !slices.Equal(found, []string{"y/one"}) {
		t.Errorf("there is %v", found)
	}
}

func cancelled(t *testing.T, s Opened) {
	ctx, cancel := context.WithCancel(t.Context())
	u, err := s.Create(ctx, "x/one")
	if err != nil {
		t.Fatal(err)
	}
	write(t, u, noise(large))
	cancel()
	if err := u.Commit(); err == nil {
		t.Error("it is committed")
	}
	u.Abort()
	if found := list(t, s, ""); found != nil {
		t.Errorf("there is %v", found)
	}
}

func absent(t *testing.T, s Opened) {
	if read(t, s, "x/none") != nil {
		t.Error("there is what was never written")
	}
	if err := s.Delete(t.Context(), "x/none"); err != nil {
		t.Errorf("deleting what is not there: %v", err)
	}
	put(t, s, "x/one", []byte("1"))
	put(t, s, "x/one-more", []byte("2"))
	if err := s.Delete(t.Context(), "x/one"); err != nil {
		t.Fatal(err)
	}
	if found := list(t, s, ""); !slices.Equal(found, []string{"x/one-more"}) || read(t, s, "x/one") != nil {
		t.Errorf("after one of two is deleted there is %v", found)
	}
}

func listing(t *testing.T, s Opened) {
	want := []string{"a/b.csv", "a/b/c", "a/c", "ab/d"}
	for _, key := range []string{"ab/d", "a/c", "a/b/c", "a/b.csv"} {
		put(t, s, key, []byte(key))
	}
	for prefix, n := range map[string][2]int{"": {0, 4}, "a": {0, 4}, "a/": {0, 3}, "a/b": {0, 2}, "a/b/": {1, 2}, "a/c": {2, 3}, "b": {0, 0}, "x/y/": {0, 0}} {
		if got := list(t, s, prefix); !slices.Equal(got, want[n[0]:n[1]]) {
			t.Errorf("prefix %q has %v, want %v", prefix, got, want[n[0]:n[1]])
		}
	}
	for info, err := range s.List(t.Context(), "") {
		if err != nil || info.Key != want[0] {
			t.Errorf("the first is %+v, %v", info, err)
		}
		break // it may be left early
	}
}

func longListing(t *testing.T, s Opened) {
	const n = 1005
	work, all := make(chan int), sync.WaitGroup{}
	for range 8 {
		all.Go(func() {
			for i := range work {
				put(t, s, fmt.Sprintf("many/%05d", i), []byte{1})
			}
		})
	}
	for i := range n {
		work <- i
	}
	close(work)
	all.Wait()
	got := list(t, s, "many/")
	if len(got) != n || !slices.IsSorted(got) {
		t.Errorf("%d are listed, in order: %t", len(got), slices.IsSorted(got))
	}
}

func together(t *testing.T, s Opened) {
	var all sync.WaitGroup
	for i := range 4 {
		all.Go(func() { put(t, s, "x/one", bytes.Repeat([]byte{byte(i)}, 9<<20)) })
	}
	all.Wait()
	got := read(t, s, "x/one")
	if len(got) != 9<<20 {
		t.Fatalf("there are %d bytes", len(got))
	}
	if bytes.Count(got, got[:1]) != len(got) {
		t.Errorf("of %d bytes %d are like the first", len(got), bytes.Count(got, got[:1]))
	}
}

func keys(t *testing.T, s Opened) {
	for _, key := range []string{"", "/", "a/", "/a", "a//b", ".", "a/../b", "a/..", "a b", "ä", "a%2f", strings.Repeat("n", 201), strings.Repeat("n/", 600) + "n"} {
		if u, err := s.Create(t.Context(), key); err == nil {
			u.Abort()
			t.Errorf("%q is taken", key)
		}
	}
}
