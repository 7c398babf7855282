package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
)

// duck is DuckDB with a table of documents in memory, in a process of Python.
type duck struct {
	process *exec.Cmd
	in      io.WriteCloser
	out     *bufio.Reader
}

// duckScript loads the table, and then answers lines: what writing the rows of the SQL
// into a file takes in milliseconds, the shortest of so many times and the processor time
// in the mean.
const duckScript = `
import json, sys, time
import duckdb
db = duckdb.connect()
db.execute("SET enable_progress_bar = false") # it would be written among the answers
db.execute("SET TimeZone='UTC'")
db.execute("CREATE TABLE documents AS SELECT * FROM read_csv('%s', header=true, nullstr='', types={'id': 'VARCHAR', 'firstAgentId': 'VARCHAR', 'lastAgentId': 'VARCHAR'})" % sys.argv[1])
print(json.dumps({}), flush=True)
for line in sys.stdin:
    q = json.loads(line)
    best, busy = None, time.process_time()
    for _ in range(q["times"]):
        began = time.perf_counter()
        db.execute("COPY (%s) TO '%s' (FORMAT csv, HEADER false)" % (q["sql"], q["to"]))
        took = time.perf_counter() - began
        best = took if best is None else min(best, took)
    busy = (time.process_time() - busy) / q["times"]
    print(json.dumps({"wall": best * 1000, "cpu": busy * 1000}), flush=True)
`

// startDuck starts one over a table in a file; nil if there is no interpreter that has it.
func startDuck(ctx context.Context, python, file string) (*duck, error) {
	if python == "" {
		return nil, nil
	}
	d := &duck{process: exec.CommandContext(ctx, python, "-c", duckScript, file)} //nolint:gosec // the interpreter that the flag names
	d.process.Stderr = os.Stderr
	var err error
	if d.in, err = d.process.StdinPipe(); err != nil {
		return nil, err
	}
	out, err := d.process.StdoutPipe()
	if err != nil {
		return nil, err
	}
	d.out = bufio.NewReader(out)
	if err := d.process.Start(); err != nil {
		return nil, err
	}
	if _, err := d.answer(); err != nil {
		d.stop()
		return nil, fmt.Errorf("loading DuckDB with %s (it needs the packages of .ci/readers.txt): %w", python, err)
	}
	return d, nil
}

func (d *duck) stop() {
	_ = d.in.Close()
	_ = d.process.Wait()
}

// millis is what an answer takes.
type millis struct{ Wall, CPU float64 }

func (d *duck) answer() (m millis, err error) {
	line, err := d.out.ReadBytes('\n')
	if err != nil {
		return m, errors.Join(errors.New("it ended"), err)
	}
	err = json.Unmarshal(line, &m)
	return m, err
}

func (d *duck) ask(q *openQuery, times int, to string) (millis, error) {
	raw, err := json.Marshal(map[string]any{"sql": q.sql(), "times": times, "to": to})
	if err != nil {
		return millis{}, err
	}
	if _, err := d.in.Write(append(raw, '\n')); err != nil {
		return millis{}, err
	}
	return d.answer()
}

// time asks several times.
func (d *duck) time(q *openQuery) (millis, error) { return d.ask(q, 20, os.DevNull) }

// agrees is nil if its answer is the product's, line by line.
func (d *duck) agrees(q *openQuery, ours []byte, file string) error {
	if _, err := d.ask(q, 1, file); err != nil {
		return err
	}
	theirs, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	_, rows, _ := bytes.Cut(bytes.ReplaceAll(ours, []byte("\r\n"), []byte("\n")), []byte("\n"))
	if bytes.Equal(rows, theirs) {
		return nil
	}
	a, b := bytes.Split(rows, []byte("\n")), bytes.Split(theirs, []byte("\n"))
	for i := range min(len(a), len(b)) {
		if !bytes.Equal(a[i], b[i]) {
			return fmt.Errorf("row %d is %q here and %q in DuckDB", i, a[i], b[i])
		}
	}
	return fmt.Errorf("there are %d rows here and %d in DuckDB", len(a), len(b))
}
