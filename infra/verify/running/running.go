// Package running lets verify look into a local system that runs: the system
// holds its data directory for itself, so it answers on a socket in it. In: what
// to verify. Out: the report. Whoever may open the directory may ask.
package running

import (
	"cmp"
	"context"
	"errors"
	"net"
	"net/rpc"
	"os"
	"path/filepath"
	"time"

	"chatreports/shared/journal"
	"chatreports/shared/object"
	"chatreports/shared/table"
	"chatreports/shared/verify"
	"chatreports/shared/webhook"
	"chatreports/shared/webhook/vendors"
)

// socket is its name in the data directory.
const socket = "verify.sock"

// Verifier is what is called over the socket.
type Verifier struct {
	ctx            context.Context
	journal, state table.Table
	objects        object.Store
}

// Replay maps kept deliveries of webhooks again.
func (v *Verifier) Replay(what webhook.Replay, done *webhook.Replayed) (err error) {
	r := &webhook.Replayer{Providers: vendors.All(), Objects: v.objects, Journal: journal.New(v.journal), Clock: time.Now}
	*done, err = r.Run(v.ctx, what)
	return err
}

// Run verifies the tables of the running system.
func (v *Verifier) Run(o verify.Options, report *verify.Report) (err error) {
	var unkept error
	*report, unkept, err = verify.RunAndKeep(v.ctx, v.journal, v.state, o)
	return cmp.Or(err, unkept)
}

// Serve answers until ctx ends.
func Serve(ctx context.Context, data string, journal, state table.Table, objects object.Store) error {
	path := filepath.Join(data, socket)
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "unix", path)
	if err != nil {
		return err
	}
	server := rpc.NewServer()
	if err := server.Register(&Verifier{ctx, journal, state, objects}); err != nil {
		return errors.Join(err, listener.Close())
	}
	context.AfterFunc(ctx, func() { _ = listener.Close() })
	for {
		conn, err := listener.Accept()
		if err != nil {
			if ctx.Err() != nil {
				return nil
			}
			return err
		}
		go server.ServeConn(conn)
	}
}

// Ask asks the system that runs on a data directory.
func Ask(data string, o verify.Options) (report verify.Report, err error) {
	client, err := rpc.Dial("unix", filepath.Join(data, socket))
	if err != nil {
		return report, err
	}
	defer func() { err = errors.Join(err, client.Close()) }()
	return report, client.Call("Verifier.Run", o, &report)
}

// Replay asks it to map kept deliveries again.
func Replay(data string, what webhook.Replay) (done webhook.Replayed, err error) {
	client, err := rpc.Dial("unix", filepath.Join(data, socket))
	if err != nil {
		return done, err
	}
	defer func() { err = errors.Join(err, client.Close()) }()
	err = client.Call("Verifier.Replay", what, &done)
	return done, err
}
