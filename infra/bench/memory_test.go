package main

import (
	"testing"

	"chatreports/shared/table"
	"chatreports/shared/table/tabletest"
)

func TestMemoryKeepsTheContract(t *testing.T) {
	tabletest.Run(t, func(*testing.T) table.Table { return newMemory() })
}
