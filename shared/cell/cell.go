// Package cell says what counters are stored as, and where: quarter hours, days and units
// of time; differences of contributions, and what they add to blocks of numbers; the items
// of the log, the chunks of what is open; the key and the bytes of each record. A cell is
// one number of a block.
//
// Nothing here reads or writes a table: package counter does, derive computes what it
// writes, audit compares it with the facts. shared/FORMATS.md draws the bytes; what was
// ever stored stays readable, and tests keep records of every generation.
package cell
