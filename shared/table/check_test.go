package table_test

import (
	"testing"

	"chatreports/shared/table"
)

func TestWriteOfManyAllowedRecordsIsRefusedByItsSum(t *testing.T) {
	var ops []table.Op
	for i := range 20 {
		ops = append(ops, table.Op{Item: table.Item{
			Key: table.Key{Part: "p", Sort: string(rune('a' + i))}, Value: make([]byte, 300<<10), Version: 1,
		}})
	}
	if err := table.CheckEach(ops); err != nil {
		t.Error(err)
	}
	if err := table.CheckWrite(ops[:13]); err != nil {
		t.Error(err)
	}
	if err := table.CheckWrite(ops); err == nil {
		t.Error("6 MB in one write are allowed")
	}
}
