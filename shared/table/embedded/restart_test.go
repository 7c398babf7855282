package embedded_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"chatreports/shared/table"
	"chatreports/shared/table/embedded"
)

// The tests of this file run the test binary as a second process; this variable
// holds the directory that it is to open.
const (
	holdDir  = "EMBEDDED_TEST_HOLD"
	writeDir = "EMBEDDED_TEST_WRITE"
)

func TestMain(m *testing.M) {
	switch {
	case os.Getenv(holdDir) != "":
		hold(os.Getenv(holdDir))
	case os.Getenv(writeDir) != "":
		writeForever(os.Getenv(writeDir))
	default:
		os.Exit(m.Run())
	}
}

// child starts this test binary with a variable set, and returns its output.
func child(t *testing.T, variable, dir string) (*exec.Cmd, *bufio.Scanner) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), variable+"="+dir)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	return cmd, bufio.NewScanner(out)
}

func hold(dir string) {
	if _, err := embedded.Open(dir); err != nil {
		fmt.Println("error:", err)
		os.Exit(1)
	}
	fmt.Println("open")
	time.Sleep(time.Minute)
}

func TestASecondProcessIsRefused(t *testing.T) {
	dir := t.TempDir()
	cmd, out := child(t, holdDir, dir)
	if !out.Scan() || out.Text() != "open" {
		t.Fatalf("the other process says %q", out.Text())
	}
	start := time.Now()
	_, err := embedded.Open(dir)
	if !errors.Is(err, embedded.ErrInUse) || !strings.Contains(err.Error(), dir) {
		t.Errorf("got %v, want that %s is in use", err, dir)
	}
	if d := time.Since(start); d > time.Second {
		t.Errorf("that took %v", d)
	}
	_ = cmd.Process.Kill()
	_ = cmd.Wait()
	db, err := embedded.Open(dir)
	if err != nil {
		t.Fatalf("after the other process died: %v", err)
	}
	_ = db.Close()
}

// writeForever writes from several goroutines and prints what was acknowledged:
// "w N" for a Write of 3 records of number N, "e N" for a PutEach of 50.
func writeForever(dir string) {
	db, err := embedded.Open(dir)
	if err != nil {
		fmt.Println("error:", err)
		os.Exit(1)
	}
	tab := db.FeedTable("t")
	ctx := context.Background()
	var mu sync.Mutex
	var wg sync.WaitGroup
	for w := range 4 {
		wg.Go(func() {
			for n := w; ; n += 4 {
				kind := "w"
				var err error
				if n%2 == 0 {
					err = tab.Write(ctx, puts(kind, n, 3)...)
				} else {
					kind = "e"
					_, err = tab.PutEach(ctx, puts(kind, n, 50)...)
				}
				mu.Lock()
				if err != nil {
					fmt.Println("error:", err)
				} else {
					fmt.Println(kind, n)
				}
				mu.Unlock()
			}
		})
	}
	wg.Wait()
}

func puts(kind string, n, count int) []table.Op {
	ops := make([]table.Op, count)
	for i := range ops {
		k := table.Key{Part: fmt.Sprintf("%s%d", kind, n), Sort: fmt.Sprintf("%02d", i)}
		ops[i] = table.Op{Item: table.Item{Key: k, Value: make([]byte, 500), Version: uint64(n + 1), Expires: 1}, If: table.Absent}
	}
	return ops
}

func TestWhatWasAcknowledgedSurvivesAKill(t *testing.T) {
	dir := t.TempDir()
	for round := range 3 {
		dir := filepath.Join(dir, fmt.Sprint(round))
		cmd, out := child(t, writeDir, dir)
		var acknowledged []string
		for out.Scan() {
			if strings.HasPrefix(out.Text(), "error") {
				t.Fatal(out.Text())
			}
			acknowledged = append(acknowledged, out.Text())
			if len(acknowledged) == 60+37*round {
				_ = cmd.Process.Kill() // in the midst of other writes
			}
		}
		_ = cmd.Wait()
		verifyAfterKill(t, dir, acknowledged)
	}
}

func verifyAfterKill(t *testing.T, dir string, acknowledged []string) {
	t.Helper()
	db, err := embedded.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	tab := db.FeedTable("t")
	have := map[string]int{}
	total := 0
	for it, err := range tab.Scan(t.Context(), "") {
		if err != nil {
			t.Fatal(err)
		}
		have[it.Part]++
		total++
	}
	for _, line := range acknowledged {
		kind, n, _ := strings.Cut(line, " ")
		want := map[string]int{"w": 3, "e": 50}[kind]
		if have[kind+n] != want {
			t.Errorf("%s was acknowledged, and %d of its %d records are there", line, have[kind+n], want)
		}
	}
	for part, n := range have { // what was not acknowledged is whole or absent
		if strings.HasPrefix(part, "w") && n != 3 {
			t.Errorf("%d of 3 records of write %s", n, part)
		}
	}
	changes, err := tab.Next(t.Context(), "0", 1<<30)
	if err != nil || len(changes) != total {
		t.Errorf("the feed holds %d changes of %d records, %v", len(changes), total, err)
	}
	if n, err := db.Expire(t.Context(), time.Now(), 1<<30); err != nil || n != total {
		t.Errorf("%d of %d records expired, %v", n, total, err)
	}
	t.Logf("%d calls acknowledged, %d records", len(acknowledged), total)
}
