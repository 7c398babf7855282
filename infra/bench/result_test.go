package main

import (
	"bytes"
	"strings"
	"testing"
)

func TestATargetIsMissedAboveIt(t *testing.T) {
	var out bytes.Buffer
	p := &printer{out: &out}
	p.section("part")
	p.add(result{What: "a", Target: 2, Measured: 2}, result{What: "b", Target: 2, Measured: 2.1}, result{What: "c", Measured: 99})
	if got := p.missed(); len(got) != 1 || got[0] != "  part: b" {
		t.Errorf("missed %v", got)
	}
	if !strings.Contains(out.String(), "missed") {
		t.Error(out.String())
	}
}

func TestNumbersAreShort(t *testing.T) {
	for v, want := range map[float64]string{1: "1", 2.5: "2.5", 0.1234: "0.123", 12345.6: "12346", 123.45: "123.5"} {
		if got := short(v); got != want {
			t.Errorf("%v is written %s, want %s", v, got, want)
		}
	}
}

func TestFlags(t *testing.T) {
	o, err := parse([]string{"--scale", "1, 10", "--postgres", "none"})
	if err != nil || len(o.scales) != 2 || o.scales[1] != 10 {
		t.Errorf("%+v, %v", o, err)
	}
	if o, err = parse([]string{"--quick"}); err != nil || len(o.scales) != 1 || o.postgres != "none" || o.days != 4 {
		t.Errorf("%+v, %v", o, err)
	}
	for _, bad := range [][]string{{"--scale", "x"}, {"--days", "0"}, {"--engine", "sqlite"}, {"operand"}} {
		if _, err := parse(bad); err == nil {
			t.Errorf("%v was taken", bad)
		}
	}
}

func TestAnswersThatDifferAreToldApart(t *testing.T) {
	body := []byte(`[{"time":{"from":"2026-03-01T00:00:00"},"chats":2},{"time":{"from":"2026-03-02T00:00:00"},"chats":0}]`)
	want := map[string]map[string]float64{"2026-03-01T00:00:00": {"chats": 2}}
	if err := differs(body, want); err != nil {
		t.Error(err)
	}
	want["2026-03-01T00:00:00"]["chats"] = 3
	if differs(body, want) == nil {
		t.Error("3 is taken for 2")
	}
	want = map[string]map[string]float64{"2026-03-03T00:00:00": {"chats": 0}}
	if differs(body, want) == nil {
		t.Error("a bucket too many is not seen")
	}
}
