// Command local runs the whole system on one machine: the functions that
// template.yaml describes, behind its routes, fed by its stream and called by its
// schedules, on embedded storage or on servers of AWS's protocols. In: flags, and a data
// directory or endpoints. Out: an HTTP server that answers as the deployed system does. It
// knows no report and no event: it stands where API Gateway, Lambda and its event sources,
// SQS and EventBridge do.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/signal"
	"runtime/debug"
	"sync"
	"syscall"

	"chatreports/infra/loadgen/payload"
	"chatreports/infra/local/stack"
	"chatreports/shared/tenant"
	"chatreports/shared/tenant/tenantfile"
)

// Exit codes.
const (
	exitFailed = 1
	exitUsage  = 2
)

func main() {
	o, err := parse(os.Args[1:], os.Stdout)
	switch {
	case errors.Is(err, errHelp):
		return
	case err != nil:
		fmt.Fprintln(os.Stderr, "local:", err)
		os.Exit(exitUsage)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends it at once
	if err := run(ctx, o, os.Stdout, os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, "local:", err)
		os.Exit(exitFailed)
	}
}

// run runs the system until ctx ends.
func run(ctx context.Context, o options, out, errOut io.Writer) error {
	file, err := readTenants(o)
	if err != nil {
		return err
	}
	description, err := stack.Deployed()
	if err != nil {
		return err
	}
	sys, err := open(ctx, o, description, newLog(errOut))
	if err != nil {
		return err
	}
	listener, err := listen(ctx, o.listen)
	if err != nil {
		return errors.Join(err, sys.close())
	}
	sys.console = newConsole(sys.deps.State, errOut, sys.deps.Clock)
	prepare := func() error {
		done := make(chan struct{})
		var shown sync.WaitGroup
		shown.Go(func() { sys.progress.show(errOut, done) })
		defer shown.Wait()
		defer close(done)
		return sys.prepare(ctx, o, file)
	}
	return sys.serve(ctx, listener, prepare, func() { sys.greet(out, o, file, listener.Addr().String()) })
}

// cause is an error without the path that it begins with.
func cause(err error) error {
	if path, ok := errors.AsType[*fs.PathError](err); ok {
		return path.Err
	}
	return err
}

// readTenants reads the tenants file, if one was named.
func readTenants(o options) (tenant.File, error) {
	if o.tenants == "" {
		return tenant.File{}, nil
	}
	raw, err := os.ReadFile(o.tenants)
	if err != nil {
		return tenant.File{}, fmt.Errorf("the tenants file %s cannot be read (%w); name another with --tenants FILE", o.tenants, cause(err))
	}
	file, err := tenantfile.Parse(raw)
	if err != nil {
		return tenant.File{}, fmt.Errorf("%s: %w", o.tenants, err)
	}
	for _, e := range file.Entries {
		if o.demo && e.Tenant.ID == demoTenant {
			return tenant.File{}, fmt.Errorf("%s: tenant %q is the demo's; choose another id, or --demo=false", o.tenants, demoTenant)
		}
		for _, k := range e.Keys {
			if o.demo && k.Secret == demoSecret {
				return tenant.File{}, fmt.Errorf("%s: the secret of key %q of tenant %q is the demo's; choose another, or --demo=false", o.tenants, k.ID, e.Tenant.ID)
			}
		}
		for _, w := range e.Tenant.Webhooks {
			if o.demo && w.ID == payload.DemoID(w.Provider) {
				return tenant.File{}, fmt.Errorf("%s: the id of webhook %q of tenant %q is the demo's; choose another, or --demo=false", o.tenants, w.ID, e.Tenant.ID)
			}
		}
	}
	return file, nil
}

// prepare applies the tenants, folds what was stored before and loads the demo.
func (sys *system) prepare(ctx context.Context, o options, file tenant.File) error {
	state := sys.deps.State
	demo, err := demoEntry()
	if err != nil {
		return err
	}
	switch {
	case o.tenants != "" && o.demo:
		file.Entries = append([]tenant.Entry{demo}, file.Entries...)
		err = tenant.Apply(ctx, state, file)
	case o.tenants != "":
		err = tenant.Apply(ctx, state, file)
	case o.demo:
		err = tenant.Put(ctx, state, demo)
	default:
		err = tenant.Revoke(ctx, state, demoTenant)
	}
	if err != nil {
		return err
	}
	defer debug.SetGCPercent(debug.SetGCPercent(loadingGC))
	if err := sys.catchUp(ctx); err != nil {
		return err
	}
	if err := sys.renew(ctx); err != nil || !o.demo {
		return err
	}
	sys.live = o.now.IsZero()
	return sys.loadDemo(ctx, o.data, o.clock()())
}

// loadingGC lets the garbage grow while the system loads: there is much of it, and soon
// none.
const loadingGC = 200
