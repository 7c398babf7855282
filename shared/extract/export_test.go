package extract

// SetMostBytes sets how many bytes of rows are kept in memory, and gives the bound back.
func SetMostBytes(n int) (was int) {
	was, mostBytes = mostBytes, n
	return was
}
