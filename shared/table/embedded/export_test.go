package embedded

// Commits is how many commits the writer made since Open.
func (db *DB) Commits() int64 { return db.commits.Load() }

// OpenReads is how many read transactions are open.
func (db *DB) OpenReads() int { return db.bolt.Stats().OpenTxN }
