package stored_test

import (
	"reflect"
	"testing"

	"chatreports/shared/stored"
)

// The same structures as they were and as they have grown: at the end of an array,
// within a list, behind a pointer, in an array within an array, and by a member of a
// map.
type (
	stayWas struct {
		_        struct{} `cbor:",toarray"`
		Agent    uint16
		From, To int64
	}
	stayIs struct {
		_        struct{} `cbor:",toarray"`
		Agent    uint16
		From, To int64
		Reason   string
		Parts    []string
		Until    *int64
	}
	pointWas struct {
		_    struct{} `cbor:",toarray"`
		At   int64
		Stay *stayWas
		Tail string
	}
	pointIs struct {
		_    struct{} `cbor:",toarray"`
		At   int64
		Stay *stayIs
		Tail string
		More int64
	}
	innerWas struct {
		Stays  []stayWas `cbor:"1,keyasint,omitempty"`
		Status string    `json:"status,omitempty"`
	}
	innerIs struct {
		Stays  []stayIs `cbor:"1,keyasint,omitempty"`
		Status string   `json:"status,omitempty"`
		Added  []stayIs `cbor:"9,keyasint,omitempty"`
	}
	was struct {
		Log    uint64     `cbor:"1,keyasint,omitempty"`
		Last   stayWas    `cbor:"2,keyasint,omitempty"`
		Inner  *innerWas  `cbor:"4,keyasint,omitempty"`
		Points []pointWas `cbor:"5,keyasint,omitempty"`
		Plain  string     `json:"plain,omitempty"`
	}
	is struct {
		Log    uint64    `cbor:"1,keyasint,omitempty"`
		Last   stayIs    `cbor:"2,keyasint,omitempty"`
		Inner  *innerIs  `cbor:"4,keyasint,omitempty"`
		Points []pointIs `cbor:"5,keyasint,omitempty"`
		Plain  string    `json:"plain,omitempty"`
		New    *stayIs   `cbor:"6,keyasint,omitempty"`
	}
)

func old() was {
	return was{
		Log: 7, Last: stayWas{Agent: 1, From: 2, To: 3}, Plain: "p",
		Inner:  &innerWas{Stays: []stayWas{{Agent: 2, From: -1, To: 1 << 62}, {}}, Status: "s"},
		Points: []pointWas{{At: 1, Tail: "a"}, {At: 2, Stay: &stayWas{Agent: 9}, Tail: "b"}},
	}
}

func TestWhatWasStoredIsReadAfterMembersWereAdded(t *testing.T) {
	raw, err := stored.Marshal(old())
	if err != nil {
		t.Fatal(err)
	}
	var got is
	if err := stored.Unmarshal(raw, &got); err != nil {
		t.Fatal(err)
	}
	want := is{
		Log: 7, Last: stayIs{Agent: 1, From: 2, To: 3}, Plain: "p",
		Inner:  &innerIs{Stays: []stayIs{{Agent: 2, From: -1, To: 1 << 62}, {}}, Status: "s"},
		Points: []pointIs{{At: 1, Tail: "a"}, {At: 2, Stay: &stayIs{Agent: 9}, Tail: "b"}},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%+v, want %+v", got, want)
	}
}

func TestWhatANewerVersionStoredIsReadWithoutWhatItAdded(t *testing.T) {
	until := int64(4)
	raw, err := stored.Marshal(is{
		Log: 7, Last: stayIs{Agent: 1, From: 2, To: 3, Reason: "r", Parts: []string{"x"}, Until: &until}, Plain: "p",
		Inner:  &innerIs{Stays: []stayIs{{Agent: 2, From: -1, To: 1 << 62, Reason: "r"}, {}}, Status: "s", Added: []stayIs{{}}},
		Points: []pointIs{{At: 1, Tail: "a", More: 1}, {At: 2, Stay: &stayIs{Agent: 9}, Tail: "b"}},
		New:    &stayIs{Agent: 3},
	})
	if err != nil {
		t.Fatal(err)
	}
	var got was
	if err := stored.Unmarshal(raw, &got); err != nil {
		t.Fatal(err)
	}
	if want := old(); !reflect.DeepEqual(got, want) {
		t.Errorf("%+v, want %+v", got, want)
	}
}

func TestWhatIsOfAnotherTypeIsRefused(t *testing.T) {
	type text struct {
		Log string `cbor:"1,keyasint"`
	}
	type list struct {
		_ struct{} `cbor:",toarray"`
		A string
		B int64
	}
	for name, v := range map[string]any{
		"a text for a number":    text{"x"},
		"a text for a structure": "x",
		"a list for a map":       list{A: "a", B: 1},
		"a text in a list of other size": struct {
			Last list `cbor:"2,keyasint"`
		}{list{A: "a", B: 1}},
	} {
		raw, err := stored.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		if err := stored.Unmarshal(raw, &was{}); err == nil {
			t.Errorf("%s is read", name)
		}
	}
	if err := stored.Unmarshal([]byte{0xa1, 0x01}, &was{}); err == nil {
		t.Error("half a map is read")
	}
}
