package main

import (
	"context"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

func TestThePeerAgrees(t *testing.T) {
	if _, err := postgresBin(); err != nil {
		t.Skip("needs PostgreSQL (install postgresql):", err)
	}
	ctx := context.Background()
	server, err := startPostgres(ctx)
	if server != nil && server.dir != "" {
		t.Cleanup(server.stop)
	}
	if err != nil {
		t.Fatal(err)
	}
	conn, err := pgx.Connect(ctx, server.dsn())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(ctx)
	events := workload(1, peak.Add(-12*time.Hour), peak)
	m := newMemory()
	if _, err := newChain(newMemory(), m).backfill(ctx, events); err != nil {
		t.Fatal(err)
	}
	p := &peer{conn}
	if err := p.load(ctx, events); err != nil {
		t.Fatal(err)
	}
	for _, r := range rivals() {
		if err := p.agrees(ctx, &r, m, peak); err != nil {
			t.Error(err)
		}
	}
}
