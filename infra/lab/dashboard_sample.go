package main

// The made-up week of the drawn dashboard: some nine hundred people, nothing lost, three letters
// that bounced, and a burst of sign-ups on the fourth day.

// due is how many letters fall due in an hour of a week that begins on a Monday.
func due(h int) float64 {
	n := map[int]float64{6: 190, 7: 160, 8: 60, 12: 40, 18: 110, 19: 130, 20: 70}[h%24]
	if h/24 >= 5 { // weekends have fewer
		n *= 0.6
	}
	return n
}

func always(v float64) func(int) float64 { return func(int) float64 { return v } }

// part is a share of the letters that are due, rounded down.
func part(share float64) func(int) float64 {
	return func(h int) float64 { return float64(int(due(h) * share)) }
}

// at is a value in some hours and nothing in the others.
func at(v float64, hours ...int) func(int) float64 {
	return func(h int) float64 {
		for _, at := range hours {
			if h == at {
				return v
			}
		}
		return 0
	}
}

// sampleMetrics are the numbers by the metric's name, or by its name and its label.
var sampleMetrics = map[string]func(hour int) float64{
	"Due": due, "Accepted": due,
	"OneOffs": func(h int) float64 { return 3 + part(0.04)(h) + at(40, 3*24+18, 3*24+19)(h) },
	"NotSent": always(0), "Unknown": at(1, 50), "Overdue": always(0), "Released": at(2, 30, 78),
	"BreakerOpened": always(0), "DaysNotWhole": always(0),
	"ApproximateNumberOfMessagesVisible":    always(0),
	"ApproximateAgeOfOldestMessage":         always(0),
	"ApproximateAgeOfOldestMessage send":    part(0.06),
	"ApproximateAgeOfOldestMessage now":     at(4, 3*24+18),
	"ApproximateAgeOfOldestMessage receipt": part(0.01),
	"replies":                               part(0.3),
	"bounces":                               at(1, 31, 33, 102),
	"complaints":                            always(0),
	"Reputation.BounceRate": func(h int) float64 {
		return 0.0008 + at(0.0004, 31, 32, 33, 34, 102,
			103)(h)
	},
	"Reputation.ComplaintRate": always(0),
	"Invocations web":          func(h int) float64 { return 6 + part(0.25)(h) },
	"Invocations dispatch":     always(5),
	"Invocations send":         part(0.05),
	"Invocations reply":        part(0.03),
	"Invocations feedback":     part(0.01),
	"Duration web":             always(62),
	"Duration dispatch":        func(h int) float64 { return 48 + part(0.5)(h) },
	"Duration send":            func(h int) float64 { return 90 + 5*part(1)(h) },
	"Duration reply":           always(120),
	"Duration feedback":        always(31),
	"Errors":                   always(0), "Throttles": always(0),
	"ConsumedWriteCapacityUnits": func(h int) float64 { return 60 + 2*due(h) },
	"ConsumedReadCapacityUnits":  func(h int) float64 { return 240 + due(h) },
}

// sampleTables are the rows of the tables, by the widget's title.
var sampleTables = map[string][][]string{
	"People by path and step": {
		{"onPath", "atStep", "people"},
		{"amends", "1", "31"}, {"amends", "2", "28"}, {"amends", "3", "22"}, {"apart", "1", "14"}, {"apart", "2", "17"},
		{"betrayal", "1", "44"}, {"betrayal", "2", "39"}, {"betrayal", "3", "35"}, {"foundations", "1", "58"},
		{"foundations", "2", "51"},
		{"foundations", "3", "46"}, {"foundations", "4", "40"},
	},
	"Last ticks (one a minute)": {{"tick", "ms"}, {"11/22 20:14:07", "47.1"}, {"11/22 20:13:07", "45.9"},
		{"11/22 20:12:07", "46.4"}},
}
