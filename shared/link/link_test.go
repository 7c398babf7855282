package link

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"flag"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"chatreports/shared/stored"
	"chatreports/shared/stored/storedtest"
	"chatreports/shared/table"
	"chatreports/shared/table/embedded"
)

var addMembers = flag.Bool("add", false, "name members that testdata does not name yet; no line is ever changed")

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func newState(t *testing.T) table.Table {
	t.Helper()
	db, err := embedded.Open(t.TempDir(), embedded.NoSync)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return table.Divide(db.Table("state"))
}

func made(t *testing.T, s *Links, l Link) (string, Link) {
	t.Helper()
	if l.Created.IsZero() {
		l.Created = noon
	}
	token, l, err := s.Make(t.Context(), l)
	if err != nil {
		t.Fatal(err)
	}
	return token, l
}

func TestALinkIsFoundByItsTokenOnly(t *testing.T) {
	s := New(newState(t))
	want := Link{
		Tenant: "acme", Report: "agents", Key: "admin", Created: noon, Expires: noon.Add(time.Hour),
		Settings: []Setting{{Name: "from", Value: "2026-01-01"}, {Name: "format", Value: "csv"}},
	}
	token, l := made(t, s, want)
	want.ID = l.ID
	if !reflect.DeepEqual(l, want) || len(l.ID) != idLength {
		t.Errorf("made %+v", l)
	}
	got, ok, err := s.Find(t.Context(), token, noon)
	got.item = table.Item{}
	if err != nil || !ok || !reflect.DeepEqual(got, want) {
		t.Errorf("found %+v, %v, %v; want %+v", got, ok, err, want)
	}
	for _, other := range []string{"", l.ID, token + "x", token[:len(token)-1], strings.ToLower(token), hashOf(token), " " + token, "acme"} {
		if got, ok, err := s.Find(t.Context(), other, noon); ok || err != nil {
			t.Errorf("%q opens %+v, %v", other, got, err)
		}
	}
}

// A token has so many bits that nobody guesses one, and each is another.
func TestTokensCannotBeGuessed(t *testing.T) {
	s := New(newState(t))
	seen := map[string]bool{}
	for range 100 {
		token, l := made(t, s, Link{Tenant: "acme", Report: "agents"})
		if bits := 5 * len(token); bits < 128 || strings.Trim(token, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567") != "" {
			t.Fatalf("%q has %d bits", token, bits)
		}
		if seen[token] || seen[l.ID] || strings.Contains(token, l.ID) {
			t.Fatalf("%q or %q again", token, l.ID)
		}
		seen[token], seen[l.ID] = true, true
	}
}

// What is stored does not say what the token is.
func TestTheTokenIsStoredNowhere(t *testing.T) {
	state := newState(t)
	token, _ := made(t, New(state), Link{Tenant: "acme", Report: "agents"})
	records := 0
	for item, err := range state.Scan(t.Context(), "") {
		if err != nil {
			t.Fatal(err)
		}
		records++
		if all := item.Part + item.Sort + string(item.Value); strings.Contains(all, token) {
			t.Errorf("it is in %q %q", item.Part, item.Sort)
		}
	}
	if records != 2 {
		t.Errorf("%d records", records)
	}
}

func TestALinkStopsWhenItExpires(t *testing.T) {
	s := New(newState(t))
	token, _ := made(t, s, Link{Tenant: "acme", Report: "agents", Expires: noon.Add(time.Hour)})
	for _, c := range []struct {
		after        time.Duration
		opens, shown bool
	}{
		{time.Hour - time.Millisecond, true, true},
		{time.Hour, false, true},
		{time.Hour + Shown - time.Millisecond, false, true},
		{time.Hour + Shown, false, false},
	} {
		now := noon.Add(c.after)
		_, opens, err := s.Find(t.Context(), token, now)
		list, err2 := s.List(t.Context(), "acme", now)
		if errors.Join(err, err2) != nil || opens != c.opens || (len(list) == 1) != c.shown {
			t.Errorf("after %v: opens %v, listed %d, %v, %v", c.after, opens, len(list), err, err2)
		}
	}
}

func TestLinksAreListedByTenantInTheOrderOfMaking(t *testing.T) {
	s := New(newState(t))
	var want []string
	for i := range 20 {
		_, l := made(t, s, Link{Tenant: "acme", Report: "agents", Created: noon.Add(time.Duration(i%2*40+i) * time.Second)})
		want = append(want, l.ID)
	}
	want = slices.Concat(every(want, 0), every(want, 1)) // those with an odd number are later
	made(t, s, Link{Tenant: "other", Report: "hosts"})
	list, err := s.List(t.Context(), "acme", noon.Add(time.Hour))
	var got []string
	for _, l := range list {
		got = append(got, l.ID)
	}
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("%v, %v, want %v", got, err, want)
	}
	if list, err := s.List(t.Context(), "nobody", noon); err != nil || len(list) != 0 {
		t.Errorf("of nobody: %v, %v", list, err)
	}
}

func every(list []string, from int) (out []string) {
	for i := from; i < len(list); i += 2 {
		out = append(out, list[i])
	}
	return out
}

func TestARevokedLinkIsGone(t *testing.T) {
	s := New(newState(t))
	byToken, a := made(t, s, Link{Tenant: "acme", Report: "agents"})
	byID, b := made(t, s, Link{Tenant: "acme", Report: "agents"})
	for _, name := range []string{byToken, b.ID} {
		for _, tenant := range []string{"other", ""} {
			if ok, err := s.Revoke(t.Context(), tenant, name); ok || err != nil {
				t.Errorf("%q may revoke it: %v", tenant, err)
			}
		}
		if _, ok, _ := s.Find(t.Context(), byID, noon); !ok {
			t.Fatal("it is gone before it was revoked")
		}
		ok, err := s.Revoke(t.Context(), "acme", name)
		again, err2 := s.Revoke(t.Context(), "acme", name)
		if !ok || again || errors.Join(err, err2) != nil {
			t.Errorf("%q: %v, again %v, %v", name, ok, again, errors.Join(err, err2))
		}
	}
	for _, token := range []string{byToken, byID} {
		if _, ok, err := s.Find(t.Context(), token, noon); ok || err != nil {
			t.Errorf("it opens: %v", err)
		}
	}
	if list, err := s.List(t.Context(), "acme", noon); err != nil || len(list) != 0 {
		t.Errorf("listed: %v, %v, beside %q", list, err, a.ID)
	}
}

func TestAUseIsNotedOnceAMinute(t *testing.T) {
	state := &counted{Table: newState(t)}
	s := New(state)
	token, _ := made(t, s, Link{Tenant: "acme", Report: "agents"})
	state.writes = 0
	for _, c := range []struct {
		after, used time.Duration
		writes      int
	}{{0, 0, 1}, {59 * time.Second, 0, 1}, {time.Minute, time.Minute, 2}, {time.Minute, time.Minute, 2}, {3 * time.Minute, 3 * time.Minute, 3}} {
		now := noon.Add(c.after)
		l, ok, err := s.Find(t.Context(), token, now)
		if err != nil || !ok {
			t.Fatal(ok, err)
		}
		if err := s.Note(t.Context(), l, now); err != nil {
			t.Fatal(err)
		}
		list, err := s.List(t.Context(), "acme", now)
		if err != nil || len(list) != 1 || !list[0].Used.Equal(noon.Add(c.used)) || state.writes != c.writes {
			t.Errorf("after %v: %+v, %d writes, %v", c.after, list, state.writes, err)
		}
	}
}

type counted struct {
	table.Table
	writes int
}

func (c *counted) Write(ctx context.Context, ops ...table.Op) error {
	c.writes++
	return c.Table.Write(ctx, ops...)
}

// Whoever found a link before it was revoked does not bring it back by using it.
func TestAUseBringsNothingBack(t *testing.T) {
	s := New(newState(t))
	token, made := made(t, s, Link{Tenant: "acme", Report: "agents"})
	l, _, err := s.Find(t.Context(), token, noon)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Revoke(t.Context(), "acme", made.ID); err != nil {
		t.Fatal(err)
	}
	if err := s.Note(t.Context(), l, noon); err != nil {
		t.Error(err)
	}
	if _, ok, err := s.Find(t.Context(), token, noon); ok || err != nil {
		t.Errorf("it is back: %v", err)
	}
}

func TestATenantHasSoManyLinksAndNoMore(t *testing.T) {
	state := newState(t)
	var ops []table.Op
	for i := range Most {
		ops = append(ops, table.Op{Item: table.Item{Key: pointerKey("acme", fmt.Sprint(i)), Value: []byte{0xa0}, Version: 1}})
	}
	if _, err := state.PutEach(t.Context(), ops...); err != nil {
		t.Fatal(err)
	}
	s := New(state)
	if _, _, err := s.Make(t.Context(), Link{Tenant: "acme", Report: "agents"}); !errors.Is(err, ErrTooMany) {
		t.Error(err)
	}
	if _, _, err := s.Make(t.Context(), Link{Tenant: "other", Report: "agents"}); err != nil {
		t.Error(err)
	}
}

// Links as this version stores them, byte by byte.
const (
	storedLink    = "a8016461636d65026a4142434445464748494a03666167656e74730481826466726f6d6a323032362d30312d3031056561646d696e061b0000019ca9450a00071b0000019ca97bf880081b0000019ca9450a00"
	storedPointer = "a1016161"
)

func TestLinksStayReadable(t *testing.T) {
	raw, err := hex.DecodeString(storedLink)
	if err != nil {
		t.Fatal(err)
	}
	want := Link{
		ID: "ABCDEFGHIJ", Tenant: "acme", Report: "agents", Settings: []Setting{{Name: "from", Value: "2026-01-01"}}, Key: "admin",
		Created: noon, Expires: noon.Add(time.Hour), Used: noon,
	}
	got, err := decode(table.Item{Value: raw, Version: 1})
	got.item = table.Item{}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%+v, %v", got, err)
	}
	item, err := want.encode("h")
	if err != nil || !bytes.Equal(item.Value, raw) {
		t.Errorf("%x, %v", item.Value, err)
	}
	if item.Expires != want.Expires.Add(Shown).Unix() {
		t.Errorf("dropped at %d", item.Expires)
	}
	p, err := stored.Marshal(pointer{"a"})
	if err != nil || hex.EncodeToString(p) != storedPointer {
		t.Errorf("%x, %v", p, err)
	}
}

func TestMembersOfLinksStay(t *testing.T) {
	storedtest.Members(t, "testdata/members.txt", *addMembers, reflect.TypeFor[record](), reflect.TypeFor[pointer]())
}

func TestADamagedLinkIsAnError(t *testing.T) {
	state := newState(t)
	if err := state.Write(t.Context(), table.Op{Item: table.Item{Key: linkKey(hashOf("x")), Value: []byte{0xff}, Version: 1}}); err != nil {
		t.Fatal(err)
	}
	if _, ok, err := New(state).Find(t.Context(), "x", noon); ok || err == nil {
		t.Error("it is taken for none")
	}
}
