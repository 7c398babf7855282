package comm100

// satisfactionReports are about ratings, surveys and wrap-ups.
var satisfactionReports = []definition{}
