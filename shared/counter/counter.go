// Package counter keeps the counters: a log of differences (the head), blocks into which it
// is merged, and what a reader needs to add them up exactly at any moment. In: differences
// of facts' contributions (Add, Merge). Out: numbers by series and quarter hour, or the
// contributions themselves where a quarter is cut (Read). It knows nothing of events or
// reports, and has no clock; what is stored, and where, package cell says.
//
// shared/DESIGN.md explains how it goes on.
package counter
