package main

import (
	"io"
	"strings"
	"testing"
	"time"
)

func TestFlags(t *testing.T) {
	o, err := parse([]string{"--listen", "127.0.0.1:0", "--data", "/d", "--tenants", "f", "--demo=false", "--now", "2026-03-01T12:00:00+01:00"}, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	if o.listen != "127.0.0.1:0" || o.data != "/d" || o.tenants != "f" || o.demo {
		t.Errorf("options are %+v", o)
	}
	at := time.Date(2026, 3, 1, 11, 0, 0, 0, time.UTC)
	now := o.clock()
	if first, second := now(), now(); !first.Equal(at) || !second.Equal(at) {
		t.Errorf("the clock shows %v, then %v, want %v", first, second, at)
	}
}

func TestDefaults(t *testing.T) {
	t.Setenv("XDG_CACHE_HOME", "/cache")
	o, err := parse(nil, io.Discard)
	if err != nil || o.listen != "127.0.0.1:8080" || !o.demo || o.tenants != "" || !strings.HasPrefix(o.data, "/cache/chatreports/") {
		t.Errorf("options are %+v, %v", o, err)
	}
	still, err := parse([]string{"--now=2026-03-01T12:00:00Z"}, io.Discard)
	if err != nil || still.data == o.data {
		t.Errorf("a clock that stands still shares its data with one that goes: %s, %v", still.data, err)
	}
}

func TestAWrongFlagIsNamedInOneLine(t *testing.T) {
	for args, want := range map[string]string{
		"--nope":         "-nope",
		"--now=today":    "such as 2026-03-01T09:30:00Z",
		"--demo=perhaps": "perhaps",
		"--listen=8080":  `--listen is "8080"; it should be HOST:PORT`,
		"serve":          `"serve" is not a flag: there are --engine, --stack, --listen, --data, --tenants, --demo=false, --expose-demo, --fold-parallelism and --now`,
		"--tenants=":     "--tenants is empty; name one, or leave the flag out",
		"--data=":        "--data is empty; name one, or leave the flag out",
		"--data":         "flag needs an argument: -data",
	} {
		_, err := parse([]string{args}, io.Discard)
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: the error is %v, want %q in it", args, err, want)
		}
	}
}

func TestServersAreNamedOrNothingIsWritten(t *testing.T) {
	const both = "AWS_ENDPOINT_URL=http://127.0.0.1:1"
	for _, c := range []struct{ env, args, want string }{
		{"", "--engine=aws", "neither AWS_ENDPOINT_URL_DYNAMODB nor AWS_ENDPOINT_URL does"},
		{"AWS_ENDPOINT_URL_DYNAMODB=http://127.0.0.1:1", "--engine=aws", "neither AWS_ENDPOINT_URL_S3 nor AWS_ENDPOINT_URL does"},
		{"AWS_ENDPOINT_URL_S3=http://127.0.0.1:1", "--engine=aws", "neither AWS_ENDPOINT_URL_DYNAMODB nor"},
		{both, "--engine=aws", ""},
		{both, "--engine=aws --stack=one --fold-parallelism=4", ""},
		{both, "--engine=dynamo", `--engine is "dynamo"; it should be embedded or aws`},
		{both, "--engine=aws --stack=One", `--stack is "One"`},
		{both, "--engine=aws --data=/d", "--data is of the embedded engine"},
		{both, "--engine=aws --demo", "--demo is of the embedded engine"},
		{both, "--stack=one", "add --engine aws"},
		{both, "--fold-parallelism=11", "from 1 to 10"},
	} {
		for _, v := range []string{"AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_DYNAMODB", "AWS_ENDPOINT_URL_S3"} {
			t.Setenv(v, "")
		}
		if name, value, ok := strings.Cut(c.env, "="); ok {
			t.Setenv(name, value)
		}
		o, err := parse(strings.Fields(c.args), io.Discard)
		switch {
		case c.want == "" && (err != nil || o.demo || o.data != ""):
			t.Errorf("%s, %s: options are %+v, %v", c.env, c.args, o, err)
		case c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\n")):
			t.Errorf("%s, %s: the error is %v, want %q in it", c.env, c.args, err, c.want)
		}
	}
}

func TestOthersReachTheDemoOnlyIfThatIsSaid(t *testing.T) {
	for args, refused := range map[string]bool{
		"--listen=127.0.0.1:0":               false,
		"--listen=127.1.2.3:0":               false,
		"--listen=[::1]:0":                   false,
		"--listen=localhost:0":               false,
		"--listen=0.0.0.0:0":                 true,
		"--listen=:8080":                     true,
		"--listen=[::]:0":                    true,
		"--listen=192.0.2.1:80":              true,
		"--listen=:0 --expose-demo":          false,
		"--listen=:0 --demo=false":           false,
		"--listen=:0 --demo --expose-demo=0": true,
	} {
		_, err := parse(strings.Fields(args+" --data=/d"), io.Discard)
		if (err != nil) != refused {
			t.Errorf("%s: %v", args, err)
		}
		if err != nil && (!strings.Contains(err.Error(), "--expose-demo if that is meant") || strings.Contains(err.Error(), "\n")) {
			t.Errorf("%s: %q, want one line that says what to change", args, err)
		}
	}
}
