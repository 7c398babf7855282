package embedded_test

import (
	"testing"

	"chatreports/shared/table"
	"chatreports/shared/table/embedded"
	"chatreports/shared/table/tabletest"
)

// open opens a directory of its own, without fsync.
func open(t testing.TB) *embedded.DB {
	t.Helper()
	db, err := embedded.Open(t.TempDir(), embedded.NoSync)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}

func TestContract(t *testing.T) {
	tabletest.Run(t, func(t *testing.T) table.Table { return open(t).Table("t") })
}

func TestContractWithFeed(t *testing.T) {
	tabletest.Run(t, func(t *testing.T) table.Table { return open(t).FeedTable("t") })
}

func TestContractWhenAnswersAreLost(t *testing.T) {
	tabletest.RunLosing(t, func(t *testing.T, _ func() bool) table.Table { return open(t).Table("t") })
}
