package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"syscall"
)

// postgres is a server of one's own: in a directory, on a socket in it.
type postgres struct {
	bin, dir string
	as       *syscall.Credential // the superuser may not run it, so user postgres does
}

// rivalAt is where the peer is: the one that the flag names, or one of one's own.
func rivalAt(ctx context.Context, o options) (dsn string, stop func(), err error) {
	if o.postgres != "auto" {
		return o.postgres, func() {}, nil
	}
	server, err := startPostgres(ctx)
	if err != nil {
		if server != nil && server.dir != "" {
			server.stop()
		}
		return "", nil, fmt.Errorf("starting PostgreSQL: %w", err)
	}
	return server.dsn(), server.stop, nil
}

// startPostgres makes and starts one. Its memory is ample for all events.
func startPostgres(ctx context.Context) (*postgres, error) {
	p := &postgres{}
	var err error
	if p.bin, err = postgresBin(); err != nil {
		return nil, err
	}
	if p.dir, err = os.MkdirTemp("", "bench-postgres-*"); err != nil {
		return nil, err
	}
	if os.Getuid() == 0 {
		if err := p.runAs("postgres"); err != nil {
			return nil, err
		}
	}
	if err := p.run(ctx, "initdb", "--pgdata", p.data(), "--username", "bench", "--auth", "trust", "--no-sync"); err != nil {
		return nil, err
	}
	options := fmt.Sprintf("-k %s -h '' -c shared_buffers=512MB -c work_mem=128MB -c max_wal_size=4GB", p.dir)
	return p, p.run(ctx, "pg_ctl", "start", "--wait", "--silent", "--pgdata", p.data(), "--log", filepath.Join(p.dir, "log"), "--options", options)
}

func (p *postgres) data() string { return filepath.Join(p.dir, "data") }

func (p *postgres) dsn() string { return "host=" + p.dir + " user=bench dbname=postgres" }

func (p *postgres) runAs(name string) error {
	u, err := user.Lookup(name)
	if err != nil {
		return err
	}
	uid, _ := strconv.Atoi(u.Uid)
	gid, _ := strconv.Atoi(u.Gid)
	p.as = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
	return os.Chown(p.dir, uid, gid)
}

func (p *postgres) run(ctx context.Context, name string, args ...string) error {
	cmd := exec.CommandContext(ctx, filepath.Join(p.bin, name), args...) //nolint:gosec // a program of the PostgreSQL that is installed
	cmd.Dir, cmd.SysProcAttr = p.dir, &syscall.SysProcAttr{Credential: p.as, Setpgid: true}
	cmd.Env = append(os.Environ(), "LC_ALL=C")
	log, err := os.CreateTemp("", "bench-postgres-log-*") // a pipe would be kept open by the server
	if err != nil {
		return err
	}
	defer func() { _, _ = log.Close(), os.Remove(log.Name()) }()
	cmd.Stdout, cmd.Stderr = log, log
	if err := cmd.Run(); err != nil {
		said, _ := os.ReadFile(log.Name())
		return fmt.Errorf("%s: %w: %s", name, err, said)
	}
	return nil
}

// stop stops the server and removes all of it.
func (p *postgres) stop() {
	if err := p.run(context.Background(), "pg_ctl", "stop", "--wait", "--silent", "--mode", "immediate", "--pgdata", p.data()); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
	}
	_ = os.RemoveAll(p.dir)
}

// postgresBin is where the newest installed server's programs are.
func postgresBin() (string, error) {
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	if len(found) > 0 {
		slices.Sort(found)
		return filepath.Dir(found[len(found)-1]), nil
	}
	path, err := exec.LookPath("initdb")
	if err != nil {
		return "", fmt.Errorf("PostgreSQL is not installed; --postgres takes a DSN, or none: %w", err)
	}
	return filepath.Dir(path), nil
}
