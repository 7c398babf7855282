package table

import "chatreports/shared/tuple"

// Join builds one part of a key out of values, reversibly: see tuple.Join.
func Join(values ...string) string { return tuple.Join(values...) }

// Split takes apart what Join built.
func Split(key string) []string { return tuple.Split(key) }
