package main

import (
	"cmp"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"
)

// options is what the flags say.
type options struct {
	engine   string
	stack    string // the name of what is made on servers
	listen   string
	data     string
	tenants  string
	demo     bool
	exposed  bool      // others may reach the demo
	parallel int       // calls of fold on one shard at once; 0: as the template says
	now      time.Time // zero: the clock goes
}

// The engines there are.
const (
	engineEmbedded = "embedded"
	engineAWS      = "aws"
)

// stackNames are names that tables and buckets may begin with.
var stackNames = regexp.MustCompile(`^[a-z][a-z0-9-]{2,39}$`)

// errHelp is returned when the flags ask for help, which was then given.
var errHelp = flag.ErrHelp

// parse reads the flags. Its error is one line.
func parse(args []string, help io.Writer) (options, error) {
	var o options
	flags := flag.NewFlagSet("local", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.StringVar(&o.engine, "engine", engineEmbedded, "the `ENGINE` that keeps tables and files: embedded, in a data directory, or aws, on the servers of DynamoDB's and S3's protocols that AWS_ENDPOINT_URL names")
	flags.StringVar(&o.stack, "stack", "chatreports-local", "with --engine aws, what the `NAME`s of its tables and buckets begin with; they are made if they are not there")
	flags.IntVar(&o.parallel, "fold-parallelism", 0, "`N` calls of fold work on one shard of the stream at once, from 1 to 10 (default: as the template says)")
	flags.StringVar(&o.listen, "listen", "127.0.0.1:8080", "`ADDR` to listen on; port 0 picks a free one")
	flags.StringVar(&o.data, "data", "", "`DIR` where everything is kept (default: one under the user's cache directory)")
	flags.StringVar(&o.tenants, "tenants", "", "a `FILE` of tenants, applied at start")
	flags.BoolVar(&o.demo, "demo", true, "a demo tenant with months of simulated chats, up to now")
	flags.BoolVar(&o.exposed, "expose-demo", false, "let --listen be an address that others reach, though the demo's key is no secret")
	flags.Func("now", "the `TIME` at which the clock stands still, as RFC 3339 has it", func(s string) error {
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
			var list strings.Builder
			flags.SetOutput(&list)
			flags.PrintDefaults()
			fmt.Fprint(help, strings.ReplaceAll("\n"+list.String(), "\n  -", "\n  --")[1:])
			return o, errHelp
		}
		return o, fmt.Errorf("%w; see --help", err)
	}
	if flags.NArg() > 0 {
		return o, fmt.Errorf("%q is not a flag: there are --engine, --stack, --listen, --data, --tenants, --demo=false, --expose-demo, --fold-parallelism and --now", flags.Arg(0))
	}
	var empty error
	given := map[string]bool{}
	flags.Visit(func(f *flag.Flag) {
		given[f.Name] = true
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
	if err := o.checkEngine(given); err != nil {
		return o, err
	}
	if o.demo && !o.exposed && !loopback(o.listen) {
		return o, fmt.Errorf("--listen %s lets others in, and the demo's key is no secret: listen on 127.0.0.1, or add --demo=false, or --expose-demo if that is meant", o.listen)
	}
	if o.data == "" && o.engine == engineEmbedded {
		dir, err := defaultData(o.now)
		if err != nil {
			return o, err
		}
		o.data = dir
	}
	return o, nil
}

// checkEngine says what is wrong with what was said of the engine. Servers are named by the
// environment, each of them: else a key that happens to be there would write into an account.
func (o *options) checkEngine(given map[string]bool) error {
	switch {
	case o.engine != engineEmbedded && o.engine != engineAWS:
		return fmt.Errorf("--engine is %q; it should be %s or %s", o.engine, engineEmbedded, engineAWS)
	case given["fold-parallelism"] && (o.parallel < 1 || o.parallel > 10):
		return fmt.Errorf("--fold-parallelism is %d; it should be from 1 to 10", o.parallel)
	case o.engine == engineEmbedded && given["stack"]:
		return errors.New("--stack names what is on servers: add --engine aws, or leave it out")
	case o.engine == engineEmbedded:
		return nil
	case given["data"]:
		return errors.New("--data is of the embedded engine: with --engine aws everything is on the servers")
	case given["demo"] && o.demo:
		return errors.New("--demo is of the embedded engine: with --engine aws send events, as with go run ./infra/loadgen")
	case !stackNames.MatchString(o.stack):
		return fmt.Errorf("--stack is %q; it should be 3 to 40 of a-z, 0-9 and -, from a letter on", o.stack)
	}
	o.demo = false
	for _, service := range []string{"DYNAMODB", "S3"} {
		if endpoint(service) == "" {
			return fmt.Errorf("--engine aws writes to the servers that the environment names, and neither AWS_ENDPOINT_URL_%[1]s nor AWS_ENDPOINT_URL does: set one, such as AWS_ENDPOINT_URL_%[1]s=http://127.0.0.1:8002", service)
		}
	}
	return nil
}

// endpoint is the server of a service that the environment names.
func endpoint(service string) string {
	return cmp.Or(os.Getenv("AWS_ENDPOINT_URL_"+service), os.Getenv("AWS_ENDPOINT_URL"))
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
