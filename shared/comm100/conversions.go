package comm100

// conversionReports are about conversions and what leads to them.
var conversionReports = []definition{}
