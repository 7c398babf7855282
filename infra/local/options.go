package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"time"
)

// options is what the flags say.
type options struct {
	listen  string
	data    string
	tenants string
	demo    bool
	exposed bool      // others may reach the demo
	now     time.Time // zero: the clock goes
}

// errHelp is returned when the flags ask for help, which was then given.
var errHelp = flag.ErrHelp

// parse reads the flags. Its error is one line.
func parse(args []string, help io.Writer) (options, error) {
	var o options
	flags := flag.NewFlagSet("local", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.StringVar(&o.listen, "listen", "127.0.0.1:8080", "`ADDR` to listen on; port 0 picks a free one")
	flags.StringVar(&o.data, "data", "", "`DIR` where everything is kept (default: one under the user's cache directory)")
	flags.StringVar(&o.tenants, "tenants", "", "tenants `FILE`, applied at start")
	flags.BoolVar(&o.demo, "demo", true, "a demo tenant with months of simulated chats, up to now")
	flags.BoolVar(&o.exposed, "expose-demo", false, "let --listen be an address that others reach, though the demo's key is no secret")
	flags.Func("now", "RFC 3339 `TIME` at which the clock stands still", func(s string) error {
		t, err := time.Parse(time.RFC3339Nano, s)
		if err != nil {
			return errors.New("it should be RFC 3339, such as 2026-03-01T09:30:00Z")
		}
		o.now = t
		return nil
	})
	if err := flags.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			fmt.Fprintln(help, "Runs the whole system on this machine. Flags:")
			flags.SetOutput(help)
			flags.PrintDefaults()
			return o, errHelp
		}
		return o, fmt.Errorf("%w; see --help", err)
	}
	if flags.NArg() > 0 {
		return o, fmt.Errorf("%q is not a flag: there are --listen, --data, --tenants, --demo=false, --expose-demo and --now", flags.Arg(0))
	}
	var empty error
	flags.Visit(func(f *flag.Flag) {
		if f.Value.String() == "" && (f.Name == "tenants" || f.Name == "data") {
			empty = fmt.Errorf("--%s is empty; name one, or leave the flag out", f.Name)
		}
	})
	if empty != nil {
		return o, empty
	}
	if _, _, err := net.SplitHostPort(o.listen); err != nil {
		return o, fmt.Errorf("--listen is %q; it should be HOST:PORT, such as 127.0.0.1:8080", o.listen)
	}
	if o.demo && !o.exposed && !loopback(o.listen) {
		return o, fmt.Errorf("--listen %s lets others in, and the demo's key is no secret: listen on 127.0.0.1, or add --demo=false, or --expose-demo if that is meant", o.listen)
	}
	if o.data == "" {
		dir, err := defaultData(o.now)
		if err != nil {
			return o, err
		}
		o.data = dir
	}
	return o, nil
}

// loopback says whether only this machine reaches an address. One that is not
// understood is not refused here: listening on it fails, and says why.
func loopback(address string) bool {
	a, err := net.ResolveTCPAddr("tcp", address)
	return err != nil || a.IP.IsLoopback()
}

// defaultData is a directory of the local system's own. Where the clock stands
// still it is another one for each time, so that no two presents mix.
func defaultData(now time.Time) (string, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("there is no cache directory (%w); say where to keep things with --data DIR", err)
	}
	name := "live"
	if !now.IsZero() {
		name = "at-" + now.UTC().Format("20060102T150405Z")
	}
	return filepath.Join(cache, "chatreports", "local", name), nil
}

// clock is the business's clock.
func (o *options) clock() func() time.Time {
	if o.now.IsZero() {
		return time.Now
	}
	return func() time.Time { return o.now }
}
