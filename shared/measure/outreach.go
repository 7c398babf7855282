package measure

// ofOutreach are the measures of conversions, invitations and messages left or prepared.
var ofOutreach = []Measure{}
