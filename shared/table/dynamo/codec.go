package dynamo

import (
	"fmt"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"chatreports/shared/table"
)

// The attributes of an item.
const (
	attrPart    = "pk"
	attrSort    = "sk"
	attrValue   = "v"
	attrVersion = "n"
	attrExpires = "x" // the table's time to live attribute
)

type attributes = map[string]types.AttributeValue

func encodeKey(k table.Key) attributes {
	return attributes{attrPart: text(k.Part), attrSort: text(k.Sort)}
}

func encode(i *table.Item) attributes {
	a := encodeKey(i.Key)
	a[attrValue] = &types.AttributeValueMemberB{Value: nonNil(i.Value)}
	a[attrVersion] = number(i.Version)
	if i.Expires != 0 {
		a[attrExpires] = &types.AttributeValueMemberN{Value: strconv.FormatInt(i.Expires, 10)}
	}
	return a
}

func decode(a attributes) (table.Item, error) {
	var r raw
	for name, v := range a {
		switch v := v.(type) {
		case *types.AttributeValueMemberS:
			r.text(name, v.Value)
		case *types.AttributeValueMemberN:
			r.number(name, v.Value)
		case *types.AttributeValueMemberB:
			r.binary(name, v.Value)
		}
	}
	return r.item()
}

// raw is an item in no particular SDK's types: the SDK's, the streams' and the
// Lambda events' all differ.
type raw struct {
	part, sort, version, expires *string
	value                        []byte
	hasValue                     bool
}

func (r *raw) text(name, v string) {
	switch name {
	case attrPart:
		r.part = &v
	case attrSort:
		r.sort = &v
	}
}

func (r *raw) number(name, v string) {
	switch name {
	case attrVersion:
		r.version = &v
	case attrExpires:
		r.expires = &v
	}
}

func (r *raw) binary(name string, v []byte) {
	if name == attrValue {
		r.value, r.hasValue = v, true
	}
}

func (r *raw) item() (table.Item, error) {
	var i table.Item
	if r.part == nil || r.sort == nil || r.version == nil || !r.hasValue {
		return i, damaged("an item without the attributes %s, %s, %s and %s", attrPart, attrSort, attrValue, attrVersion)
	}
	i.Part, i.Sort, i.Value = *r.part, *r.sort, r.value
	var err error
	if i.Version, err = strconv.ParseUint(*r.version, 10, 64); err != nil {
		return i, damaged("the version of item %q %q: %w", i.Part, i.Sort, err)
	}
	if r.expires != nil {
		if i.Expires, err = strconv.ParseInt(*r.expires, 10, 64); err != nil {
			return i, damaged("the expiry of item %q %q: %w", i.Part, i.Sort, err)
		}
	}
	return i, nil
}

func damaged(format string, args ...any) error {
	return &table.InvalidError{Problem: fmt.Errorf(format, args...).Error()}
}

// condition writes c as DynamoDB's expression, nil if it always holds.
func condition(c table.Cond) (expression *string, values attributes) {
	if c.IsAbsent() {
		e := "attribute_not_exists(" + attrPart + ")"
		return &e, nil
	}
	if v, ok := c.IsVersion(); ok {
		e := attrVersion + " = :n"
		return &e, attributes{":n": number(v)}
	}
	return nil, nil
}

func text(s string) types.AttributeValue { return &types.AttributeValueMemberS{Value: s} }

func number(n uint64) types.AttributeValue {
	return &types.AttributeValueMemberN{Value: strconv.FormatUint(n, 10)}
}

// nonNil is b, and an empty value instead of none: the attribute is always there.
func nonNil(b []byte) []byte {
	if b == nil {
		return []byte{}
	}
	return b
}
