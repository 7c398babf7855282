package calendar

// Lasts is for the tests.
var Lasts = lasts
