import java.io.FileInputStream;
import java.io.PrintStream;
import java.util.Set;
import java.util.TreeSet;
import net.fortuna.ical4j.data.CalendarBuilder;
import net.fortuna.ical4j.model.Calendar;
import net.fortuna.ical4j.model.DateTime;
import net.fortuna.ical4j.model.Period;
import net.fortuna.ical4j.model.component.VEvent;

/** Prints the instants of each event of a feed as ical4j reads them: its UID, and seconds since 1970. Usage: Read FEED END. */
class Read {
    public static void main(String[] args) throws Exception {
        long end = Long.parseLong(args[1]);
        PrintStream out = new PrintStream(System.out, false, "UTF-8");
        Calendar calendar;
        try (FileInputStream in = new FileInputStream(args[0])) {
            calendar = new CalendarBuilder().build(in);
        }
        for (VEvent event : calendar.<VEvent>getComponents("VEVENT")) {
            Set<Long> times = new TreeSet<>();
            DateTime first = new DateTime(event.getStartDate().getDate().getTime() - 1000), last = new DateTime(end * 1000);
            first.setUtc(true);
            last.setUtc(true);
            for (Period found : event.calculateRecurrenceSet(new Period(first, last))) {
                long at = found.getStart().getTime() / 1000;
                if (at < end) {
                    times.add(at);
                }
            }
            out.print(event.getUid().getValue());
            for (long at : times) {
                out.print(" " + at);
            }
            out.println();
        }
        out.flush();
    }
}
