package embedded_test

import (
	"fmt"
	"testing"

	"chatreports/shared/table"
	"chatreports/shared/table/embedded"
)

// BenchmarkPutEach500 puts batches of 500 records of 300 bytes, if absent, each
// batch durable (fsync) when it returns.
func BenchmarkPutEach500(b *testing.B) {
	for _, feed := range []bool{false, true} {
		b.Run(fmt.Sprintf("feed=%v", feed), func(b *testing.B) {
			db, err := embedded.Open(b.TempDir())
			if err != nil {
				b.Fatal(err)
			}
			defer db.Close()
			tab := table.Table(db.Table("t"))
			if feed {
				tab = db.FeedTable("t")
			}
			ops := make([]table.Op, 500)
			n := 0
			for b.Loop() {
				for i := range ops {
					n++ // entities in random order, as chats come
					k := table.Key{Part: fmt.Sprintf("tenant/chat/%08x", uint32(n/15)*2654435761), Sort: fmt.Sprintf("%016x/webhook/%d", n, n)}
					ops[i] = table.Op{Item: table.Item{Key: k, Value: make([]byte, 300), Version: 1}, If: table.Absent}
				}
				if _, err := tab.PutEach(b.Context(), ops...); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "records/s")
		})
	}
}

// BenchmarkQuery1000 reads a thousand records in order.
func BenchmarkQuery1000(b *testing.B) {
	db := open(b)
	tab := db.Table("t")
	for i := range 1000 {
		mustPut(b, tab, rec("p", fmt.Sprintf("%06d", i), 1, 0))
	}
	for b.Loop() {
		if n := len(sorts(b, tab, "p")); n != 1000 {
			b.Fatal(n)
		}
	}
}
