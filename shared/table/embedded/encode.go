package embedded

import (
	"bytes"
	"encoding/binary"
	"slices"

	"chatreports/shared/table"
)

// A record's key in the file is Part, a zero byte, Sort. Parts hold no control
// characters, so records are in order of Part and then Sort.
func encodeKey(k table.Key) []byte {
	b := make([]byte, 0, len(k.Part)+1+len(k.Sort))
	b = append(b, k.Part...)
	b = append(b, 0)
	return append(b, k.Sort...)
}

// decodeKey reads a key. Most often it is of the part that the one before was of: then it
// shares that string.
func decodeKey(b []byte, before string) table.Key {
	part, sort, _ := bytes.Cut(b, []byte{0})
	if string(part) != before {
		before = string(part)
	}
	return table.Key{Part: before, Sort: string(sort)}
}

// A record's value in the file is the version, the expiry, and the value.
func encodeValue(i *table.Item) []byte {
	b := make([]byte, 0, 2*binary.MaxVarintLen64+len(i.Value))
	b = binary.AppendUvarint(b, i.Version)
	b = binary.AppendVarint(b, i.Expires)
	return append(b, i.Value...)
}

// decodeHead reads what stands before the value, and how long that is.
func decodeHead(b []byte) (version uint64, expires int64, n int, err error) {
	version, n = binary.Uvarint(b)
	if n > 0 {
		var m int
		if expires, m = binary.Varint(b[n:]); m > 0 {
			return version, expires, n + m, nil
		}
	}
	return 0, 0, 0, &table.InvalidError{Problem: "damaged record"}
}

// decodeItem copies a record out of the file.
func decodeItem(k table.Key, b []byte) (table.Item, error) {
	version, expires, n, err := decodeHead(b)
	if err != nil {
		return table.Item{}, err
	}
	value := append(make([]byte, 0, len(b)-n), b[n:]...)
	return table.Item{Key: k, Value: value, Version: version, Expires: expires}, nil
}

// expiryKey orders records of all tables by expiry: the second, the table's name,
// a zero byte, the record's key.
func expiryKey(expires int64, name string, key []byte) []byte {
	b := make([]byte, 0, 8+len(name)+1+len(key))
	b = binary.BigEndian.AppendUint64(b, uint64(expires)^1<<63)
	b = append(b, name...)
	b = append(b, 0)
	return append(b, key...)
}

// after is the smallest key greater than b.
func after(b []byte) []byte { return append(slices.Clip(b), 0) }
