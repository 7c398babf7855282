package table

// DivideFrom is Divide with other sizes, so that tests need no megabytes.
func DivideFrom(t Table, from, part int) Table { return &divided{inner: t, from: from, part: part} }
