package measure

// ofSatisfaction are the measures of ratings, surveys and wrap-ups.
var ofSatisfaction = []Measure{}
