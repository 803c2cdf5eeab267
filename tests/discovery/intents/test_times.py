"""Times: tables of sentences at fixed moments, what must not be read as a time, and properties of any text."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.discovery.intents.holidays import HOLIDAYS, easter, new_moon_of_tishri
from shared.discovery.intents.numbers_words import number_at
from shared.discovery.intents.reading import Reading
from shared.discovery.intents.spelling import corrected
from shared.discovery.intents.time_words import FOLLOWERS, IDIOMS, STARTERS
from shared.discovery.intents.times import Times, read_times

AUSTIN = ZoneInfo("America/Chicago")

# What is said | deliver_by | earliest | the rest: daypart; minutes; recurrence; problem; asks; any weekday
SUNDAY = datetime(2026, 11, 22, 10, 0, tzinfo=AUSTIN)
SUNDAY_SAYS = """
something fancy for a baby shower by Saturday | 2026-11-28 23:59 | -                |
flowers by Friday                            | 2026-11-27 23:59 | -                |
flowers before Friday                        | 2026-11-26 23:59 | -                |
flowers no later than Friday                 | 2026-11-27 23:59 | -                |
need it not later than Dec 3                 | 2026-12-03 23:59 | -                |
cake until noon                              | 2026-11-22 12:00 | -                |
cake before noon                             | 2026-11-22 12:00 | -                |
cake before noon tomorrow                    | 2026-11-23 12:00 | -                |
tomorrow before noon                         | 2026-11-23 12:00 | 2026-11-23 00:00 |
after Friday                                 | -                | 2026-11-28 00:00 |
after 5pm                                    | -                | 2026-11-22 17:00 |
not before Tuesday                           | -                | 2026-11-24 00:00 |
no earlier than 9am tomorrow                 | -                | 2026-11-23 09:00 |
starting Monday                              | -                | 2026-11-23 00:00 |
from Wednesday onwards                       | -                | 2026-11-25 00:00 |
on Saturday                                  | 2026-11-28 23:59 | 2026-11-28 00:00 |
roses tomorrow                               | 2026-11-23 23:59 | 2026-11-23 00:00 |
this Friday                                  | 2026-11-27 23:59 | 2026-11-27 00:00 |
next Friday                                  | 2026-11-27 23:59 | 2026-11-27 00:00 |
Friday                                       | 2026-11-27 23:59 | 2026-11-27 00:00 |
Dec 12                                       | 2026-12-12 23:59 | 2026-12-12 00:00 |
between Dec 5 and Dec 7                      | 2026-12-07 23:59 | 2026-12-05 00:00 |
from Friday to Monday                        | 2026-11-30 23:59 | 2026-11-27 00:00 |
from the 5th to the 8th of December          | 2026-12-08 23:59 | 2026-12-05 00:00 |
between 2 and 4 pm on Saturday               | 2026-11-28 16:00 | 2026-11-28 14:00 |
between the 5th and the 8th                  | 2026-12-08 23:59 | 2026-12-05 00:00 |
Saturday from 2 to 4                         | 2026-11-28 16:00 | 2026-11-28 14:00 |
from 9 to 5 on Monday                        | 2026-11-23 17:00 | 2026-11-23 09:00 |
Monday 2-4pm                                 | 2026-11-23 16:00 | 2026-11-23 14:00 |
tomorrow morning                             | 2026-11-23 12:00 | 2026-11-23 06:00 | morning
Saturday afternoon                           | 2026-11-28 17:00 | 2026-11-28 12:00 | afternoon
on Friday evening                            | 2026-11-27 21:00 | 2026-11-27 17:00 | evening
tomorrow at lunchtime                        | 2026-11-23 14:00 | 2026-11-23 11:30 | lunchtime
tonight                                      | 2026-11-22 23:59 | 2026-11-22 18:00 | night
this evening                                 | 2026-11-22 21:00 | 2026-11-22 17:00 | evening
this morning                                 | 2026-11-22 12:00 | 2026-11-22 06:00 | morning
tomorrow night                               | 2026-11-23 23:59 | 2026-11-23 18:00 | night
early tomorrow morning                       | 2026-11-23 09:00 | 2026-11-23 06:00 | morning
late Friday afternoon                        | 2026-11-27 17:00 | 2026-11-27 15:00 | afternoon
in the morning                               | 2026-11-23 12:00 | 2026-11-23 06:00 | morning
in the afternoon                             | 2026-11-22 17:00 | 2026-11-22 12:00 | afternoon
by tomorrow evening                          | 2026-11-23 21:00 | -                | evening
end of day                                   | 2026-11-22 17:00 | -                |
by EOD tomorrow                              | 2026-11-23 17:00 | -                |
by close of business Friday                  | 2026-11-27 17:00 | -                |
COB Wednesday                                | 2026-11-25 17:00 | 2026-11-25 00:00 |
at 7 PM on Saturday                          | 2026-11-28 19:00 | 2026-11-28 00:00 |
dinner at 7                                  | 2026-11-22 19:00 | -                |
at 7 PM                                      | 2026-11-22 19:00 | -                |
a luxury baby gift for a 5 PM shower in Austin | 2026-11-22 17:00 | -                |
for 6:30                                     | 2026-11-22 18:30 | -                |
Saturday at noon                             | 2026-11-28 12:00 | 2026-11-28 00:00 |
by midnight                                  | 2026-11-22 23:59 | -                |
by midnight Friday                           | 2026-11-27 23:59 | -                |
by 5                                         | 2026-11-22 17:00 | -                |
by 5ish                                      | 2026-11-22 17:00 | -                |
5ish tomorrow                                | 2026-11-23 17:00 | 2026-11-23 00:00 |
half past six tomorrow                       | 2026-11-23 18:30 | 2026-11-23 00:00 |
quarter to 8 tonight                         | 2026-11-22 19:45 | 2026-11-22 00:00 | night
at 17:30                                     | 2026-11-22 17:30 | -                |
tomorrow 17:30                               | 2026-11-23 17:30 | 2026-11-23 00:00 |
by 5pm EST                                   | 2026-11-22 16:00 | -                |
9am London time tomorrow                     | 2026-11-23 03:00 | 2026-11-23 00:00 |
3pm Pacific time on Friday                   | 2026-11-27 17:00 | 2026-11-27 00:00 |
noon UTC tomorrow                            | 2026-11-23 06:00 | 2026-11-23 00:00 |
2026-12-05 10:00+02:00                       | 2026-12-05 02:00 | 2026-12-05 00:00 |
tomorrow 10:00+02:00                         | 2026-11-23 02:00 | 2026-11-23 00:00 |
2026-12-05T17:00:00Z                         | 2026-12-05 11:00 | 2026-12-05 00:00 |
within 2 hours                               | 2026-11-22 12:00 | -                |
in 2 hours                                   | 2026-11-22 12:00 | -                |
in the next 90 minutes                       | 2026-11-22 11:30 | -                |
in three days                                | 2026-11-25 23:59 | 2026-11-25 00:00 |
within a week                                | 2026-11-29 23:59 | -                |
within 3 days                                | 2026-11-25 23:59 | -                |
in half an hour                              | 2026-11-22 10:30 | -                |
in an hour and a half                        | 2026-11-22 11:30 | -                |
half an hour from now                        | 2026-11-22 10:30 | -                |
in 2 weeks                                   | 2026-12-06 23:59 | 2026-12-06 00:00 |
2 days from now                              | 2026-11-24 23:59 | 2026-11-24 00:00 |
in a fortnight                               | 2026-12-06 23:59 | 2026-12-06 00:00 |
within the hour                              | 2026-11-22 11:00 | -                |
in 3-5 days                                  | 2026-11-27 23:59 | 2026-11-25 00:00 |
within 2 business days                       | 2026-11-24 23:59 | -                |
in a few days                                | 2026-11-25 23:59 | 2026-11-25 00:00 | asks
today                                        | 2026-11-22 23:59 | 2026-11-22 00:00 |
flowers today by 6                           | 2026-11-22 18:00 | -                |
ASAP                                         | 2026-11-22 23:59 | -                |
as soon as possible please                   | 2026-11-22 23:59 | -                |
I need it urgently                           | 2026-11-22 23:59 | -                |
right now                                    | 2026-11-22 23:59 | -                |
day after tomorrow                           | 2026-11-24 23:59 | 2026-11-24 00:00 |
the day after tomorrow in the evening        | 2026-11-24 21:00 | 2026-11-24 17:00 | evening
this weekend                                 | 2026-11-22 23:59 | 2026-11-21 00:00 |
next weekend                                 | 2026-11-29 23:59 | 2026-11-28 00:00 |
this week                                    | 2026-11-22 23:59 | 2026-11-16 00:00 |
next week                                    | 2026-11-29 23:59 | 2026-11-23 00:00 |
next month                                   | 2026-12-31 23:59 | 2026-12-01 00:00 |
this month                                   | 2026-11-30 23:59 | 2026-11-01 00:00 |
end of the month                             | 2026-11-30 23:59 | 2026-11-21 00:00 |
by the end of the week                       | 2026-11-22 23:59 | -                |
by the end of the year                       | 2026-12-31 23:59 | -                |
in December                                  | 2026-12-31 23:59 | 2026-12-01 00:00 |
mid-December                                 | 2026-12-20 23:59 | 2026-12-10 00:00 |
late next week                               | 2026-11-29 23:59 | 2026-11-26 00:00 |
the 15th                                     | 2026-12-15 23:59 | 2026-12-15 00:00 |
on the 15th                                  | 2026-12-15 23:59 | 2026-12-15 00:00 |
by the 1st                                   | 2026-12-01 23:59 | -                |
the 3rd of May                               | 2027-05-03 23:59 | 2027-05-03 00:00 |
12/5                                         | 2026-12-05 23:59 | 2026-12-05 00:00 | asks
12/5/2026                                    | 2026-12-05 23:59 | 2026-12-05 00:00 | asks
12/25                                        | 2026-12-25 23:59 | 2026-12-25 00:00 |
by 03/04                                     | 2027-03-04 23:59 | -                | asks
2026-12-05                                   | 2026-12-05 23:59 | 2026-12-05 00:00 |
Dec 5th at noon                              | 2026-12-05 12:00 | 2026-12-05 00:00 |
5 Dec                                        | 2026-12-05 23:59 | 2026-12-05 00:00 |
5th December 2026                            | 2026-12-05 23:59 | 2026-12-05 00:00 |
December 5, 2026                             | 2026-12-05 23:59 | 2026-12-05 00:00 |
Dec. 5                                       | 2026-12-05 23:59 | 2026-12-05 00:00 |
first Monday of January                      | 2027-01-04 23:59 | 2027-01-04 00:00 |
last Friday of the month                     | 2026-11-27 23:59 | 2026-11-27 00:00 |
the second Saturday in December              | 2026-12-12 23:59 | 2026-12-12 00:00 |
Christmas Eve                                | 2026-12-24 23:59 | 2026-12-24 00:00 |
on Valentine's Day                           | 2027-02-14 23:59 | 2027-02-14 00:00 |
before Thanksgiving                          | 2026-11-25 23:59 | -                |
for Thanksgiving dinner                      | 2026-11-26 23:59 | 2026-11-26 00:00 |
Mother's Day                                 | 2027-05-09 23:59 | 2027-05-09 00:00 |
by New Year's Eve                            | 2026-12-31 23:59 | -                |
Easter                                       | 2027-03-28 23:59 | 2027-03-28 00:00 |
for Christmas                                | 2026-12-25 23:59 | 2026-12-25 00:00 |
before Christmas                             | 2026-12-24 23:59 | -                |
two days before Christmas                    | 2026-12-23 23:59 | 2026-12-23 00:00 |
the day before Thanksgiving                  | 2026-11-25 23:59 | 2026-11-25 00:00 |
the day after Christmas                      | 2026-12-26 23:59 | 2026-12-26 00:00 |
the weekend before Christmas                 | 2026-12-20 23:59 | 2026-12-19 00:00 |
a week from Friday                           | 2026-12-04 23:59 | 2026-12-04 00:00 |
Friday week                                  | 2026-12-04 23:59 | 2026-12-04 00:00 |
two weeks from today                         | 2026-12-06 23:59 | 2026-12-06 00:00 |
the Friday after next                        | 2026-12-04 23:59 | 2026-12-04 00:00 |
the Friday before Christmas                  | 2026-12-18 23:59 | 2026-12-18 00:00 |
a week before Easter                         | 2027-03-21 23:59 | 2027-03-21 00:00 |
Saturday the 12th                            | 2026-12-12 23:59 | 2026-12-12 00:00 |
Friday, December 4                           | 2026-12-04 23:59 | 2026-12-04 00:00 |
Friday, December 5                           | 2026-12-05 23:59 | 2026-12-05 00:00 | contradictory
Fri 12/4                                     | 2026-12-04 23:59 | 2026-12-04 00:00 | asks
Sat or Sun                                   | 2026-11-29 23:59 | 2026-11-28 00:00 |
Friday or Saturday                           | 2026-11-28 23:59 | 2026-11-27 00:00 |
Mon through Wed                              | 2026-11-25 23:59 | 2026-11-23 00:00 |
Fri-Sun                                      | 2026-11-29 23:59 | 2026-11-27 00:00 |
sometime soon                                | -                | -                | asks
sometime next week                           | 2026-11-29 23:59 | 2026-11-23 00:00 |
no rush                                      | -                | -                | asks
by yesterday                                 | 2026-11-21 23:59 | -                | past
February 30                                  | -                | -                | impossible
by Feb 30                                    | -                | -                | impossible
June 31st                                    | -                | -                | impossible
by Friday but not before Saturday            | 2026-11-27 23:59 | 2026-11-28 00:00 | contradictory
by 25:00                                     | -                | -                | impossible
today at 9am                                 | 2026-11-22 09:00 | 2026-11-22 00:00 | past
by 9am                                       | 2026-11-23 09:00 | -                |
by 9am today                                 | 2026-11-22 09:00 | -                | past
Dec 5 2024                                   | 2024-12-05 23:59 | 2024-12-05 00:00 | past
for 3 hours                                  | -                | -                | 180 min
3 hour limo on Saturday                      | 2026-11-28 23:59 | 2026-11-28 00:00 | 180 min
a 90-minute massage                          | -                | -                | 90 min
photographer for two and a half hours        | -                | -                | 150 min
for an hour and a half                       | -                | -                | 90 min
for an hour                                  | -                | -                | 60 min
2 hours and 30 minutes                       | -                | -                | 150 min
4 hours, saturday 12/12 at 6pm               | 2026-12-12 18:00 | 2026-12-12 00:00 | 240 min
every Friday                                 | -                | -                | FREQ=WEEKLY;BYDAY=FR
every other week                             | -                | -                | FREQ=WEEKLY;INTERVAL=2
each month on the 1st                        | -                | -                | FREQ=MONTHLY;BYMONTHDAY=1
weekly                                       | -                | -                | FREQ=WEEKLY
daily at 9                                   | -                | -                | FREQ=DAILY
every weekday                                | -                | -                | FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR
every Mon and Thu                            | -                | -                | FREQ=WEEKLY;BYDAY=MO,TH
twice a week                                 | -                | -                | FREQ=WEEKLY; asks
once a month                                 | -                | -                | FREQ=MONTHLY
first Sunday of each month                   | -                | -                | FREQ=MONTHLY;BYDAY=1SU
every year on May 3                          | -                | -                | FREQ=YEARLY;BYMONTH=5;BYMONTHDAY=3
every two weeks on Tuesday                   | -                | -                | FREQ=WEEKLY;INTERVAL=2;BYDAY=TU
every morning                                | -                | -                | morning; FREQ=DAILY
every Saturday morning                       | -                | -                | morning; FREQ=WEEKLY;BYDAY=SA
every 15th of the month                      | -                | -                | FREQ=MONTHLY;BYMONTHDAY=15
on weekends                                  | -                | -                | FREQ=WEEKLY;BYDAY=SA,SU
Fridays                                      | -                | -                | FREQ=WEEKLY;BYDAY=FR
Mondays and Thursdays                        | -                | -                | FREQ=WEEKLY;BYDAY=MO,TH
every month on the 1st and 15th              | -                | -                | FREQ=MONTHLY;BYMONTHDAY=1,15
quarterly                                    | -                | -                | FREQ=MONTHLY;INTERVAL=3
annually on December 24                      | -                | -                | FREQ=YEARLY;BYMONTH=12;BYMONTHDAY=24
every Christmas                              | -                | -                | FREQ=YEARLY;BYMONTH=12;BYMONTHDAY=25
every Mother's Day                           | -                | -                | FREQ=YEARLY;BYMONTH=5;BYDAY=2SU
every last Friday of the month               | -                | -                | FREQ=MONTHLY;BYDAY=-1FR
every other Friday starting December 4       | -                | 2026-12-04 00:00 | FREQ=WEEKLY;INTERVAL=2;BYDAY=FR
every Friday until Christmas                 | -                | -                | FREQ=WEEKLY;BYDAY=FR
every day except Sunday                      | -                | -                | FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR,SA
every weekend                                | -                | -                | FREQ=WEEKLY;BYDAY=SA,SU
biweekly                                     | -                | -                | FREQ=WEEKLY;INTERVAL=2; asks
every 3 months                               | -                | -                | FREQ=MONTHLY;INTERVAL=3
once every two weeks                         | -                | -                | FREQ=WEEKLY;INTERVAL=2
every few weeks                              | -                | -                | FREQ=WEEKLY;INTERVAL=3; asks
weekly on Fridays                            | -                | -                | FREQ=WEEKLY;BYDAY=FR
on the next sunny Thursday                   | -                | -                | any thu
the first dry Saturday                       | -                | -                | any sat
when it's sunny on a weekend                 | -                | -                | any sat,sun
if it rains on Saturday                      | -                | -                | any sat
every sunny Friday                           | -                | -                | FREQ=WEEKLY;BYDAY=FR
on a Saturday in December                    | 2026-12-31 23:59 | 2026-12-01 00:00 |
saterday                                     | 2026-11-28 23:59 | 2026-11-28 00:00 |
by wendsday                                  | 2026-11-25 23:59 | -                |
tommorow                                     | 2026-11-23 23:59 | 2026-11-23 00:00 |
thrusday evening                             | 2026-11-26 21:00 | 2026-11-26 17:00 | evening
by tmrw                                      | 2026-11-23 23:59 | -                |
sat at 6                                     | 2026-11-28 18:00 | 2026-11-28 00:00 |
by sun                                       | 2026-11-29 23:59 | -                |
on thu                                       | 2026-11-26 23:59 | 2026-11-26 00:00 |
dinner Sat                                   | 2026-11-28 23:59 | 2026-11-28 00:00 |
move it from Friday to Sunday                | 2026-11-29 23:59 | 2026-11-29 00:00 |
change the delivery to Sunday                | 2026-11-29 23:59 | 2026-11-29 00:00 |
make it Saturday instead of Friday           | 2026-11-28 23:59 | 2026-11-28 00:00 |
push my dinner to 8:30 pm                    | 2026-11-22 20:30 | -                |
Friday at the latest                         | 2026-11-27 23:59 | -                |
Saturday at the earliest                     | -                | 2026-11-28 00:00 |
at 8 in the morning on Friday                | 2026-11-27 08:00 | 2026-11-27 00:00 | morning
seven pm Friday                              | 2026-11-27 19:00 | 2026-11-27 00:00 |
five o'clock tomorrow                        | 2026-11-23 17:00 | 2026-11-23 00:00 |
on Friday at half past 7                     | 2026-11-27 19:30 | 2026-11-27 00:00 |
due Friday                                   | 2026-11-27 23:59 | -                |
the flowers I ordered yesterday              | -                | -                |
I ordered it two days ago                    | -                | -                |
on Friday. Actually make it Saturday         | 2026-11-28 23:59 | 2026-11-28 00:00 |
in time for Saturday                         | 2026-11-28 23:59 | -                |
on or before Dec 10                          | 2026-12-10 23:59 | -                |
deliver tomorrow for the party on Saturday   | 2026-11-23 23:59 | 2026-11-23 00:00 | asks
need balloons by Friday, party is on Saturday | 2026-11-27 23:59 | -                |
table at 7 for 4 people on Saturday          | 2026-11-28 19:00 | 2026-11-28 00:00 |
NEED A CAKE SATURDAY 5PM                     | 2026-11-28 17:00 | 2026-11-28 00:00 |
tomorrow, 7pm                                | 2026-11-23 19:00 | 2026-11-23 00:00 |
in 20 minutes                                | 2026-11-22 10:20 | -                |
4th of July                                  | 2027-07-04 23:59 | 2027-07-04 00:00 |
on Black Friday                              | 2026-11-27 23:59 | 2026-11-27 00:00 |
on Halloween                                 | 2027-10-31 23:59 | 2027-10-31 00:00 |
Hanukkah                                     | 2026-12-05 23:59 | 2026-12-05 00:00 |
the week of Dec 7                            | 2026-12-13 23:59 | 2026-12-07 00:00 |
next business day                            | 2026-11-23 23:59 | 2026-11-23 00:00 |
same-day delivery                            | 2026-11-22 23:59 | 2026-11-22 00:00 |
next-day delivery                            | 2026-11-23 23:59 | 2026-11-23 00:00 |
2-hour delivery                              | 2026-11-22 12:00 | -                |
anytime Friday                               | 2026-11-27 23:59 | 2026-11-27 00:00 |
any time between 3 and 5 tomorrow            | 2026-11-23 17:00 | 2026-11-23 15:00 |
not on Monday                                | -                | -                |
Friday next week                             | 2026-11-27 23:59 | 2026-11-27 00:00 |
after work on Friday                         | 2026-11-27 21:00 | 2026-11-27 17:00 | evening
first thing tomorrow                         | 2026-11-23 12:00 | 2026-11-23 06:00 | morning
by lunch tomorrow                            | 2026-11-23 14:00 | -                | lunchtime
between now and Friday                       | 2026-11-27 23:59 | -                |
from now until Friday                        | 2026-11-27 23:59 | -                |
in 2027                                      | 2027-12-31 23:59 | 2027-01-01 00:00 |
next spring                                  | 2027-05-31 23:59 | 2027-03-01 00:00 |
later today                                  | 2026-11-22 23:59 | 2026-11-22 00:00 |
at the end of the month                      | 2026-11-30 23:59 | 2026-11-21 00:00 |
by next week                                 | 2026-11-29 23:59 | -                |
Saturday 2pm - 4pm                           | 2026-11-28 16:00 | 2026-11-28 14:00 |
from 10pm to 2am on Saturday                 | 2026-11-29 02:00 | 2026-11-28 22:00 |
from 6 pm until midnight next Saturday       | 2026-11-28 23:59 | 2026-11-28 18:00 |
on 5 December at 10                          | 2026-12-05 10:00 | 2026-12-05 00:00 |
Sunday                                       | 2026-11-29 23:59 | 2026-11-29 00:00 |
by Sunday                                    | 2026-11-29 23:59 | -                |
this Sunday                                  | 2026-11-22 23:59 | 2026-11-22 00:00 |
can you get me flowers by this saturday please | 2026-11-28 23:59 | -                |
I need it delivered no later then friday 5pm | 2026-11-27 17:00 | -                |
need by 12/24 eod                            | 2026-12-24 17:00 | -                |
deliver on the morning of December 5th       | 2026-12-05 12:00 | 2026-12-05 06:00 | morning
the evening of the 5th                       | 2026-12-05 21:00 | 2026-12-05 17:00 | evening
my order should be there by 3:30 in the afternoon tomorrow | 2026-11-23 15:30 | -                | afternoon
Wed evening around 8                         | 2026-11-25 20:00 | 2026-11-25 00:00 | evening
for Wednesday the 25th at 7                  | 2026-11-25 19:00 | 2026-11-25 00:00 |
party starts at 6, need cake by 5:30 on saturday | 2026-11-28 17:30 | -                |
anniversary is on December 3rd and I need the ring engraved before then | 2026-12-03 23:59 | 2026-12-03 00:00 |
birthday on the 28th                         | 2026-11-28 23:59 | 2026-11-28 00:00 |
her birthday is next Tuesday                 | 2026-11-24 23:59 | 2026-11-24 00:00 |
two weeks before Christmas                   | 2026-12-11 23:59 | 2026-12-11 00:00 |
starting next Monday, every weekday at 8am, bring coffee | -                | 2026-11-23 08:00 | FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR
every weekday morning between 8 and 9        | -                | 2026-11-23 08:00 | morning; FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR
every 2nd Tuesday of the month               | -                | -                | FREQ=MONTHLY;BYDAY=2TU
second Tuesday of every month                | -                | -                | FREQ=MONTHLY;BYDAY=2TU
the 1st of every month                       | -                | -                | FREQ=MONTHLY;BYMONTHDAY=1
monthly on the 15th                          | -                | -                | FREQ=MONTHLY;BYMONTHDAY=15
each Friday afternoon                        | -                | -                | afternoon; FREQ=WEEKLY;BYDAY=FR
every single day                             | -                | -                | FREQ=DAILY
every evening at 7                           | -                | -                | evening; FREQ=DAILY
3x a week                                    | -                | -                | FREQ=WEEKLY; asks
three times a week                           | -                | -                | FREQ=WEEKLY; asks
5 times per month                            | -                | -                | FREQ=MONTHLY; asks
once every 3 weeks on Monday                 | -                | -                | FREQ=WEEKLY;INTERVAL=3;BYDAY=MO
in the next few days                         | 2026-11-25 23:59 | -                | asks
in the coming week                           | 2026-11-29 23:59 | -                |
over the next 3 days                         | 2026-11-25 23:59 | -                |
an hour from now                             | 2026-11-22 11:00 | -                |
45 mins from now                             | 2026-11-22 10:45 | -                |
in an hour                                   | 2026-11-22 11:00 | -                |
in 1 hour                                    | 2026-11-22 11:00 | -                |
give me a two hour massage at 3 tomorrow     | 2026-11-23 15:00 | 2026-11-23 00:00 | 120 min
limo from 6pm to 11pm on Dec 31              | 2026-12-31 23:00 | 2026-12-31 18:00 |
limo for 5 hours starting at 6pm on New Year's Eve | -                | 2026-12-31 18:00 | 300 min
from 18:00 for 4 hours on Saturday           | 2026-11-28 23:59 | 2026-11-28 18:00 | 240 min
2pm to 5pm this Saturday                     | 2026-11-28 17:00 | 2026-11-28 14:00 |
7-9pm Friday                                 | 2026-11-27 21:00 | 2026-11-27 19:00 |
tomorrow between 9 and 11                    | 2026-11-23 11:00 | 2026-11-23 09:00 |
between 11am and 1pm tomorrow                | 2026-11-23 13:00 | 2026-11-23 11:00 |
tomorrow from 11 to 1                        | 2026-11-23 13:00 | 2026-11-23 11:00 |
between noon and 3 on Friday                 | 2026-11-27 15:00 | 2026-11-27 12:00 |
Friday noon                                  | 2026-11-27 12:00 | 2026-11-27 00:00 |
friday @ 7                                   | 2026-11-27 19:00 | 2026-11-27 00:00 |
next fri at 7pm                              | 2026-11-27 19:00 | 2026-11-27 00:00 |
nxt friday                                   | 2026-11-27 23:59 | 2026-11-27 00:00 |
thurs afternoon                              | 2026-11-26 17:00 | 2026-11-26 12:00 | afternoon
Thursday, Nov 26                             | 2026-11-26 23:59 | 2026-11-26 00:00 |
Nov 26th, 5pm                                | 2026-11-26 17:00 | 2026-11-26 00:00 |
11/26 5pm                                    | 2026-11-26 17:00 | 2026-11-26 00:00 |
11-26-2026                                   | 2026-11-26 23:59 | 2026-11-26 00:00 |
26.11.2026                                   | 2026-11-26 23:59 | 2026-11-26 00:00 |
2026/12/05                                   | 2026-12-05 23:59 | 2026-12-05 00:00 |
the 26th at 6                                | 2026-11-26 18:00 | 2026-11-26 00:00 |
on 26 November at 18:30                      | 2026-11-26 18:30 | 2026-11-26 00:00 |
at 6pm on the 26th of November               | 2026-11-26 18:00 | 2026-11-26 00:00 |
on Thanksgiving at 4pm                       | 2026-11-26 16:00 | 2026-11-26 00:00 |
Thanksgiving morning                         | 2026-11-26 12:00 | 2026-11-26 06:00 | morning
Christmas morning                            | 2026-12-25 12:00 | 2026-12-25 06:00 | morning
by Christmas Eve at noon                     | 2026-12-24 12:00 | -                |
Xmas eve                                     | 2026-12-24 23:59 | 2026-12-24 00:00 |
nye party at 9pm                             | 2026-12-31 21:00 | 2026-12-31 00:00 |
valentines day dinner for 2                  | 2027-02-14 23:59 | 2027-02-14 00:00 |
flowers for valentine's day                  | 2027-02-14 23:59 | 2027-02-14 00:00 |
the Saturday after Thanksgiving              | 2026-11-28 23:59 | 2026-11-28 00:00 |
the Monday after next                        | 2026-11-30 23:59 | 2026-11-30 00:00 |
Monday week                                  | 2026-11-30 23:59 | 2026-11-30 00:00 |
3 weeks from Saturday                        | 2026-12-19 23:59 | 2026-12-19 00:00 |
in 10 business days                          | 2026-12-04 23:59 | 2026-12-04 00:00 |
within 48 hours                              | 2026-11-24 10:00 | -                |
within 24hrs                                 | 2026-11-23 10:00 | -                |
in 24h                                       | 2026-11-23 10:00 | -                |
in the next hour                             | 2026-11-22 11:00 | -                |
in under an hour                             | 2026-11-22 11:00 | -                |
in less than 2 hours                         | 2026-11-22 12:00 | -                |
in half an hour or so                        | 2026-11-22 10:30 | -                |
within half a day                            | 2026-11-22 23:59 | -                |
before the end of the day                    | 2026-11-22 17:00 | -                |
before end of business tomorrow              | 2026-11-23 17:00 | -                |
before the weekend                           | 2026-11-27 23:59 | -                |
before next week                             | 2026-11-22 23:59 | -                |
before 10 am on Monday                       | 2026-11-23 10:00 | -                |
before 10 on Monday                          | 2026-11-23 10:00 | -                |
after 3 on Tuesday                           | 2026-11-24 23:59 | 2026-11-24 15:00 |
after the 10th                               | -                | 2026-12-11 00:00 |
after Christmas                              | -                | 2026-12-26 00:00 |
any day after Tuesday                        | -                | 2026-11-25 00:00 |
any time after 6pm                           | -                | 2026-11-22 18:00 |
from tomorrow                                | -                | 2026-11-23 00:00 |
from tomorrow until Friday                   | 2026-11-27 23:59 | 2026-11-23 00:00 |
until the 30th                               | 2026-11-30 23:59 | -                |
no later than 6                              | 2026-11-22 18:00 | -                |
not later than tomorrow noon                 | 2026-11-23 12:00 | -                |
must arrive before 9 tomorrow morning        | 2026-11-23 09:00 | -                | morning
at 9 tomorrow morning                        | 2026-11-23 09:00 | 2026-11-23 00:00 | morning
at 9 tomorrow                                | 2026-11-23 09:00 | 2026-11-23 00:00 |
tomorrow 9ish                                | 2026-11-23 09:00 | 2026-11-23 00:00 |
9 tomorrow morning                           | 2026-11-23 09:00 | 2026-11-23 00:00 | morning
8 tonight                                    | 2026-11-22 20:00 | 2026-11-22 00:00 | night
at 8 tonight                                 | 2026-11-22 20:00 | 2026-11-22 00:00 | night
dinner for 8 tonight                         | 2026-11-22 23:59 | 2026-11-22 18:00 | night
dinner for 8 at 8 tonight                    | 2026-11-22 20:00 | 2026-11-22 00:00 | night
table for two at 7:30 this Friday            | 2026-11-27 19:30 | 2026-11-27 00:00 |
table for 4 tomorrow night at eight          | 2026-11-23 20:00 | 2026-11-23 00:00 | night
seven thirty on Friday                       | 2026-11-27 19:30 | 2026-11-27 00:00 |
at seven thirty on Friday                    | 2026-11-27 19:30 | 2026-11-27 00:00 |
at quarter past five on Monday               | 2026-11-23 17:15 | 2026-11-23 00:00 |
tomorrow at 5 to 6                           | 2026-11-23 17:55 | 2026-11-23 00:00 |
midnight tomorrow                            | 2026-11-23 23:59 | 2026-11-23 00:00 |
at midnight on Friday                        | 2026-11-27 23:59 | 2026-11-27 00:00 |
high noon on Saturday                        | 2026-11-28 12:00 | 2026-11-28 00:00 |
12:30 tomorrow                               | 2026-11-23 12:30 | 2026-11-23 00:00 |
at 12 tomorrow                               | 2026-11-23 12:00 | 2026-11-23 00:00 |
noonish tomorrow                             | 2026-11-23 12:00 | 2026-11-23 00:00 |
early evening on Friday                      | 2026-11-27 19:00 | 2026-11-27 17:00 | evening
late night Friday                            | 2026-11-27 23:59 | 2026-11-27 21:00 | night
this coming Saturday                         | 2026-11-28 23:59 | 2026-11-28 00:00 |
Saturday coming                              | 2026-11-28 23:59 | 2026-11-28 00:00 |
the coming weekend                           | 2026-11-22 23:59 | 2026-11-21 00:00 |
the following Monday                         | 2026-11-23 23:59 | 2026-11-23 00:00 |
upcoming Tuesday                             | 2026-11-24 23:59 | 2026-11-24 00:00 |
the last weekend of November                 | 2026-11-29 23:59 | 2026-11-28 00:00 |
the first week of December                   | 2026-12-07 23:59 | 2026-12-01 00:00 |
first half of December                       | 2026-12-15 23:59 | 2026-12-01 00:00 |
beginning of December                        | 2026-12-01 23:59 | 2026-12-01 00:00 |
early December                               | 2026-12-10 23:59 | 2026-12-01 00:00 |
late December                                | 2026-12-31 23:59 | 2026-12-21 00:00 |
end of December                              | 2026-12-31 23:59 | 2026-12-21 00:00 |
by mid December                              | 2026-12-20 23:59 | -                |
start of next week                           | 2026-11-23 23:59 | 2026-11-23 00:00 |
middle of next week                          | 2026-11-26 23:59 | 2026-11-24 00:00 |
later next week                              | 2026-11-29 23:59 | 2026-11-26 00:00 |
the end of next week                         | 2026-11-29 23:59 | 2026-11-29 00:00 |
towards the end of the month                 | 2026-11-30 23:59 | 2026-11-21 00:00 |
by month end                                 | 2026-11-30 23:59 | -                |
EOM                                          | 2026-11-30 23:59 | 2026-11-21 00:00 |
next quarter                                 | 2027-03-31 23:59 | 2027-01-01 00:00 |
this Christmas                               | 2026-12-25 23:59 | 2026-12-25 00:00 |
next Christmas                               | 2026-12-25 23:59 | 2026-12-25 00:00 |
over Christmas                               | 2026-12-25 23:59 | 2026-12-25 00:00 |
around Christmas                             | 2026-12-25 23:59 | 2026-12-25 00:00 |
around 5pm on Friday                         | 2026-11-27 17:00 | 2026-11-27 00:00 |
around 7 for dinner                          | 2026-11-22 19:00 | -                |
about 6pm tomorrow                           | 2026-11-23 18:00 | 2026-11-23 00:00 |
approximately 3 o'clock on Monday            | 2026-11-23 15:00 | 2026-11-23 00:00 |
circa 5pm                                    | 2026-11-22 17:00 | -                |
today or tomorrow                            | 2026-11-23 23:59 | 2026-11-22 00:00 |
today or tomorrow by 5                       | 2026-11-23 17:00 | 2026-11-22 00:00 |
either Friday or Saturday evening            | 2026-11-28 21:00 | 2026-11-27 17:00 | evening
Friday and Saturday                          | 2026-11-28 23:59 | 2026-11-27 00:00 |
weekday mornings                             | -                | -                | morning; FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR
on a weekday                                 | -                | -                | any mon,tue,wed,thu,fri
some time on Friday                          | 2026-11-27 23:59 | 2026-11-27 00:00 |
soon                                         | -                | -                | asks
as soon as you can                           | 2026-11-22 23:59 | -                |
right away please                            | 2026-11-22 23:59 | -                |
immediately                                  | 2026-11-22 23:59 | -                |
2 day shipping                               | 2026-11-24 23:59 | -                |
same day                                     | 2026-11-22 23:59 | 2026-11-22 00:00 |
deliver today please                         | 2026-11-22 23:59 | 2026-11-22 00:00 |
today at noon                                | 2026-11-22 12:00 | 2026-11-22 00:00 |
today 4:30 pm                                | 2026-11-22 16:30 | 2026-11-22 00:00 |
today at 5                                   | 2026-11-22 17:00 | 2026-11-22 00:00 |
today before noon                            | 2026-11-22 12:00 | -                |
this lunchtime                               | 2026-11-22 14:00 | 2026-11-22 11:30 | lunchtime
this afternoon around 3                      | 2026-11-22 15:00 | 2026-11-22 00:00 | afternoon
tonight around 7                             | 2026-11-22 19:00 | 2026-11-22 00:00 | night
tonight by 9                                 | 2026-11-22 21:00 | 2026-11-22 18:00 | night
by tonight                                   | 2026-11-22 23:59 | -                | night
by this evening                              | 2026-11-22 21:00 | -                | evening
by Monday morning                            | 2026-11-23 12:00 | -                | morning
by Monday at 10am                            | 2026-11-23 10:00 | -                |
by 10am Monday                               | 2026-11-23 10:00 | -                |
10am Monday                                  | 2026-11-23 10:00 | 2026-11-23 00:00 |
Mon 10am                                     | 2026-11-23 10:00 | 2026-11-23 00:00 |
on Mon                                       | 2026-11-23 23:59 | 2026-11-23 00:00 |
monday's meeting                             | 2026-11-23 23:59 | 2026-11-23 00:00 |
Saturday's party                             | 2026-11-28 23:59 | 2026-11-28 00:00 |
for tomorrow's meeting                       | 2026-11-23 23:59 | 2026-11-23 00:00 |
last week                                    | -                | -                |
I ordered last Tuesday                       | -                | -                |
reschedule from 5pm to 7pm                   | 2026-11-22 19:00 | -                |
move my Friday delivery to Monday            | 2026-11-23 23:59 | 2026-11-23 00:00 |
postpone until next week                     | 2026-11-29 23:59 | -                |
can we do Thursday instead                   | 2026-11-26 23:59 | 2026-11-26 00:00 |
Thursday instead of Friday                   | 2026-11-26 23:59 | 2026-11-26 00:00 |
not Friday but Saturday                      | 2026-11-28 23:59 | 2026-11-28 00:00 |
Saturday not Sunday                          | 2026-11-28 23:59 | 2026-11-28 00:00 |
any day but Monday                           | -                | -                |
except on Mondays                            | -                | -                |
not this week                                | -                | -                |
make it 6pm                                  | 2026-11-22 18:00 | -                |
add 3 more by Friday                         | 2026-11-27 23:59 | -                |
pause until January 5                        | 2027-01-05 23:59 | -                |
5pm EST Friday                               | 2026-11-27 16:00 | 2026-11-27 00:00 |
Friday 5pm EST                               | 2026-11-27 16:00 | 2026-11-27 00:00 |
Friday at 5 pm eastern                       | 2026-11-27 16:00 | 2026-11-27 00:00 |
5 o'clock pacific                            | 2026-11-22 19:00 | -                |
at 20:00 UTC+2 tomorrow                      | 2026-11-23 12:00 | 2026-11-23 00:00 |
at 8am gmt on Monday                         | 2026-11-23 02:00 | 2026-11-23 00:00 |
at 5 mt                                      | 2026-11-22 18:00 | -                |
at 5 pt                                      | 2026-11-22 19:00 | -                |
the 30th                                     | 2026-11-30 23:59 | 2026-11-30 00:00 |
the 31st                                     | 2026-12-31 23:59 | 2026-12-31 00:00 |
Nov 31                                       | -                | -                | impossible
2/30                                         | -                | -                | impossible
13/13/2026                                   | -                | -                | impossible
29 Feb 2027                                  | -                | -                | impossible
Feb 29 2028                                  | 2028-02-29 23:59 | 2028-02-29 00:00 |
on the 32nd                                  | -                | -                | impossible
at 14 pm                                     | 2026-11-22 14:00 | -                |
at 26:00                                     | -                | -                | impossible
by 7:75                                      | -                | -                | impossible
12/5/24                                      | 2024-12-05 23:59 | 2024-12-05 00:00 | past; asks
Dec 5th 2025                                 | 2025-12-05 23:59 | 2025-12-05 00:00 | past
March 2020                                   | 2020-03-31 23:59 | 2020-03-01 00:00 | past
on January 3rd 2027                          | 2027-01-03 23:59 | 2027-01-03 00:00 |
Jan 3                                        | 2027-01-03 23:59 | 2027-01-03 00:00 |
jan 3rd - jan 5th                            | 2027-01-05 23:59 | 2027-01-03 00:00 |
Dec 28 to Jan 2                              | 2027-01-02 23:59 | 2026-12-28 00:00 |
Dec 30 - Jan 2                               | 2027-01-02 23:59 | 2026-12-30 00:00 |
28 December until 2 January                  | 2027-01-02 23:59 | 2026-12-28 00:00 |
"""  # noqa: E501

WEDNESDAY = datetime(2026, 3, 4, 15, 30, tzinfo=AUSTIN)
WEDNESDAY_SAYS = """
by 9am                                       | 2026-03-05 09:00 | -                |
today at 9am                                 | 2026-03-04 09:00 | 2026-03-04 00:00 | past
this morning                                 | 2026-03-04 12:00 | 2026-03-04 06:00 | morning; past
this afternoon                               | 2026-03-04 17:00 | 2026-03-04 12:00 | afternoon
tonight at 8                                 | 2026-03-04 20:00 | 2026-03-04 00:00 | night
tomorrow morning                             | 2026-03-05 12:00 | 2026-03-05 06:00 | morning
by Friday                                    | 2026-03-06 23:59 | -                |
next Friday                                  | 2026-03-13 23:59 | 2026-03-13 00:00 |
this Friday                                  | 2026-03-06 23:59 | 2026-03-06 00:00 |
next Wednesday                               | 2026-03-11 23:59 | 2026-03-11 00:00 |
Wednesday                                    | 2026-03-11 23:59 | 2026-03-11 00:00 |
this Wednesday                               | 2026-03-04 23:59 | 2026-03-04 00:00 |
this weekend                                 | 2026-03-08 23:59 | 2026-03-07 00:00 |
next weekend                                 | 2026-03-15 23:59 | 2026-03-14 00:00 |
next week                                    | 2026-03-15 23:59 | 2026-03-09 00:00 |
in the morning                               | 2026-03-05 12:00 | 2026-03-05 06:00 | morning
in the evening                               | 2026-03-04 21:00 | 2026-03-04 17:00 | evening
by 5                                         | 2026-03-04 17:00 | -                |
at 4                                         | 2026-03-04 16:00 | -                |
by 2pm                                       | 2026-03-05 14:00 | -                |
on 3/4                                       | 2026-03-04 23:59 | 2026-03-04 00:00 | asks
by 04/03                                     | 2026-04-03 23:59 | -                | asks
on Sunday                                    | 2026-03-08 23:59 | 2026-03-08 00:00 |
March 8 at 2:30am                            | 2026-03-08 03:30 | 2026-03-08 00:00 |
Sunday at 3am                                | 2026-03-08 03:00 | 2026-03-08 00:00 |
by the 15th                                  | 2026-03-15 23:59 | -                |
the 1st                                      | 2026-04-01 23:59 | 2026-04-01 00:00 |
May 3                                        | 2026-05-03 23:59 | 2026-05-03 00:00 |
mid-March                                    | 2026-03-20 23:59 | 2026-03-10 00:00 |
on St Patrick's Day                          | 2026-03-17 23:59 | 2026-03-17 00:00 |
Mother's Day                                 | 2026-05-10 23:59 | 2026-05-10 00:00 |
in 10 days                                   | 2026-03-14 23:59 | 2026-03-14 00:00 |
in April                                     | 2026-04-30 23:59 | 2026-04-01 00:00 |
by March 1                                   | 2027-03-01 23:59 | -                |
last Friday's order                          | -                | -                |
end of next month                            | 2026-04-30 23:59 | 2026-04-21 00:00 |
Easter Monday                                | 2026-04-06 23:59 | 2026-04-06 00:00 |
Could you arrange a limo for my parents' 40th anniversary on the 21st, pick up at 6:45 pm, for about four hours? | 2026-03-21 18:45 | 2026-03-21 00:00 | 240 min
I want 30 red roses sent to 200 Congress Ave, Apt 5, by noon tomorrow please | 2026-03-05 12:00 | -                |
do you have anything for a 3 year old's birthday next weekend? | 2026-03-15 23:59 | 2026-03-14 00:00 |
Can I get a cake that says "Happy 5th Birthday" for Sunday | 2026-03-08 23:59 | 2026-03-08 00:00 |
please deliver between 10am and noon on Saturday the 14th | 2026-03-14 12:00 | 2026-03-14 10:00 |
looking for a photographer on 6/6 from 3pm until 9pm | 2026-06-06 21:00 | 2026-06-06 15:00 |
send soup to my sick friend as soon as possible, by 7 at the latest | 2026-03-04 19:00 | -                |
the meeting starts at 9 tomorrow so coffee must be there by 8:45 | 2026-03-05 08:45 | 2026-03-05 00:00 |
every other Tuesday at 10am I'd like the house cleaned | -                | -                | FREQ=WEEKLY;INTERVAL=2;BYDAY=TU
each morning at 6:30 bring fresh bread       | -                | -                | morning; FREQ=DAILY
Send a fruit basket to the office on the first Monday of every month | -                | -                | FREQ=MONTHLY;BYDAY=1MO
weekly flower subscription starting April 1st, around $40 | -                | 2026-04-01 00:00 | FREQ=WEEKLY
next month, on the 3rd                       | 2026-04-03 23:59 | 2026-04-03 00:00 |
sometime between the 10th and the 15th of march | 2026-03-15 23:59 | 2026-03-10 00:00 |
it's for a party on friday night, 20 people  | 2026-03-06 23:59 | 2026-03-06 18:00 | night
2 bottles of champagne for tonight around 8:30 | 2026-03-04 20:30 | 2026-03-04 00:00 | night
I'll need it in a week or so                 | 2026-03-11 23:59 | 2026-03-11 00:00 |
ideally next Thursday but Friday works too   | 2026-03-12 23:59 | 2026-03-12 00:00 | asks
any time this week is fine                   | 2026-03-08 23:59 | 2026-03-02 00:00 |
no later than EOD Thursday                   | 2026-03-05 17:00 | -                |
by the end of March                          | 2026-03-31 23:59 | -                |
can you do it by 3:15?                       | 2026-03-05 15:15 | -                |
in about 45 minutes                          | 2026-03-04 16:15 | -                |
within an hour and a half                    | 2026-03-04 17:00 | -                |
within the next 24 hours                     | 2026-03-05 15:30 | -                |
delivery in 2-3 business days is fine        | 2026-03-09 23:59 | 2026-03-06 00:00 |
at 1800 hours on Friday                      | 2026-03-06 18:00 | 2026-03-06 00:00 |
14:30 on 12 March                            | 2026-03-12 14:30 | 2026-03-12 00:00 |
the 12th of March at half two                | 2026-03-12 14:30 | 2026-03-12 00:00 |
tomorrow at half 7 in the evening            | 2026-03-05 19:30 | 2026-03-05 00:00 | evening
Thursday 5th March                           | 2026-03-05 23:59 | 2026-03-05 00:00 |
Thursday 5 March, 6pm                        | 2026-03-05 18:00 | 2026-03-05 00:00 |
Fri 6th                                      | 2026-03-06 23:59 | 2026-03-06 00:00 |
Fri 6 Mar 7pm                                | 2026-03-06 19:00 | 2026-03-06 00:00 |
march 6                                      | 2026-03-06 23:59 | 2026-03-06 00:00 |
mar 6-8                                      | 2026-03-08 23:59 | 2026-03-06 00:00 |
Mar 6th to the 8th                           | 2026-03-08 23:59 | 2026-03-06 00:00 |
from March 6 through March 8                 | 2026-03-08 23:59 | 2026-03-06 00:00 |
for mothers day                              | 2026-05-10 23:59 | 2026-05-10 00:00 |
for Easter Sunday brunch                     | 2026-04-05 23:59 | 2026-04-05 00:00 |
st patricks day party on march 17            | 2026-03-17 23:59 | 2026-03-17 00:00 |
Cinco de Mayo                                | 2026-05-05 23:59 | 2026-05-05 00:00 |
dinner for 2 under 100 at 8                  | 2026-03-04 20:00 | -                |
reservation for 2 at 8                       | 2026-03-04 20:00 | -                |
table for 2 8pm                              | 2026-03-04 20:00 | -                |
table for two tonight 8pm                    | 2026-03-04 20:00 | 2026-03-04 00:00 | night
party of 12 at 6                             | 2026-03-04 18:00 | -                |
at the Driskill at 5                         | 2026-03-04 17:00 | -                |
I'd like the first one by Friday             | 2026-03-06 23:59 | -                |
half a cake by 6                             | 2026-03-04 18:00 | -                |
15 minute massage                            | -                | -                | 15 min
one hour of piano                            | -                | -                | 60 min
weekdays only                                | -                | -                | FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR
only on weekends                             | -                | -                | FREQ=WEEKLY;BYDAY=SA,SU
not after 8pm                                | 2026-03-04 20:00 | -                |
not later than 8                             | 2026-03-04 20:00 | -                |
earliest 9am                                 | -                | 2026-03-05 09:00 |
latest 6pm                                   | 2026-03-04 18:00 | -                |
from 9am                                     | -                | 2026-03-05 09:00 |
until 9pm                                    | 2026-03-04 21:00 | -                |
till friday                                  | 2026-03-06 23:59 | -                |
up until Sunday                              | 2026-03-08 23:59 | -                |
open until 10                                | 2026-03-04 22:00 | -                |
I ordered 3 days ago                         | -                | -                |
my order from last Friday                    | -                | -                |
when will my order arrive today?             | 2026-03-04 23:59 | 2026-03-04 00:00 |
where is the cake for tonight                | 2026-03-04 23:59 | 2026-03-04 18:00 | night
cancel my order for tomorrow                 | 2026-03-05 23:59 | 2026-03-05 00:00 |
change delivery time to 3pm                  | 2026-03-05 15:00 | -                |
change my delivery from 3pm to 5pm on Friday | 2026-03-06 17:00 | 2026-03-06 00:00 |
change it to Friday at 3                     | 2026-03-06 15:00 | 2026-03-06 00:00 |
can you bring it forward to Thursday         | 2026-03-05 23:59 | 2026-03-05 00:00 |
make it next Friday instead                  | 2026-03-13 23:59 | 2026-03-13 00:00 |
let's do Saturday                            | 2026-03-07 23:59 | 2026-03-07 00:00 |
actually sunday                              | 2026-03-08 23:59 | 2026-03-08 00:00 |
the vase broke on Monday                     | -                | -                |
I paid on Tuesday                            | -                | -                |
when it is sunny and warm on a Sunday        | -                | -                | any sun
on the first warm weekend                    | -                | -                | any sat,sun
when it's above 70 on Saturday or Sunday     | -                | -                | any sat,sun
if the forecast is clear this Saturday       | 2026-03-07 23:59 | 2026-03-07 00:00 |
every rainy Sunday                           | -                | -                | FREQ=WEEKLY;BYDAY=SU
whenever it rains on a weekday               | -                | -                | any mon,tue,wed,thu,fri
"""  # noqa: E501

BEFORE_SUMMER_TIME = datetime(2026, 3, 7, 23, 0, tzinfo=AUSTIN)
BEFORE_SUMMER_TIME_SAYS = """
in 3 hours                                   | 2026-03-08 03:00 | -                |
within 24 hours                              | 2026-03-09 00:00 | -                |
tomorrow at 2:30 am                          | 2026-03-08 03:30 | 2026-03-08 00:00 |
tomorrow at noon                             | 2026-03-08 12:00 | 2026-03-08 00:00 |
today at 11pm                                | 2026-03-07 23:00 | 2026-03-07 00:00 |
in 12 hours                                  | 2026-03-08 12:00 | -                |
Sunday at 2:30am                             | 2026-03-08 03:30 | 2026-03-08 00:00 |
Monday at 9                                  | 2026-03-09 09:00 | 2026-03-09 00:00 |
"""

BEFORE_WINTER_TIME = datetime(2026, 10, 31, 22, 0, tzinfo=AUSTIN)
BEFORE_WINTER_TIME_SAYS = """
tomorrow at 1:30am                           | 2026-11-01 01:30 | 2026-11-01 00:00 |
in 5 hours                                   | 2026-11-01 02:00 | -                |
tomorrow at noon                             | 2026-11-01 12:00 | 2026-11-01 00:00 |
in 24 hours                                  | 2026-11-01 21:00 | -                |
in 1 day                                     | 2026-11-01 23:59 | 2026-11-01 00:00 |
"""

NEW_YEARS_EVE = datetime(2026, 12, 31, 20, 0, tzinfo=AUSTIN)
NEW_YEARS_EVE_SAYS = """
tonight                                      | 2026-12-31 23:59 | 2026-12-31 18:00 | night
at midnight                                  | 2026-12-31 23:59 | -                |
by midnight                                  | 2026-12-31 23:59 | -                |
tomorrow                                     | 2027-01-01 23:59 | 2027-01-01 00:00 |
in 2 hours                                   | 2026-12-31 22:00 | -                |
New Year's Eve                               | 2026-12-31 23:59 | 2026-12-31 00:00 |
New Year's Day                               | 2027-01-01 23:59 | 2027-01-01 00:00 |
this year                                    | 2026-12-31 23:59 | 2026-01-01 00:00 |
next year                                    | 2027-12-31 23:59 | 2027-01-01 00:00 |
next month                                   | 2027-01-31 23:59 | 2027-01-01 00:00 |
on January 1                                 | 2027-01-01 23:59 | 2027-01-01 00:00 |
in January                                   | 2027-01-31 23:59 | 2027-01-01 00:00 |
by the end of the month                      | 2026-12-31 23:59 | -                |
this week                                    | 2027-01-03 23:59 | 2026-12-28 00:00 |
next week                                    | 2027-01-10 23:59 | 2027-01-04 00:00 |
Dec 30                                       | 2027-12-30 23:59 | 2027-12-30 00:00 |
within 3 days                                | 2027-01-03 23:59 | -                |
after midnight                               | -                | 2027-01-01 00:00 |
the 31st                                     | 2026-12-31 23:59 | 2026-12-31 00:00 |
"""

LEAP_DAY = datetime(2028, 2, 29, 12, 0, tzinfo=AUSTIN)
LEAP_DAY_SAYS = """
in a year                                    | 2029-02-28 23:59 | 2029-02-28 00:00 |
in a month                                   | 2028-03-29 23:59 | 2028-03-29 00:00 |
next year                                    | 2029-12-31 23:59 | 2029-01-01 00:00 |
Feb 29                                       | 2028-02-29 23:59 | 2028-02-29 00:00 |
tomorrow                                     | 2028-03-01 23:59 | 2028-03-01 00:00 |
on the 30th                                  | 2028-03-30 23:59 | 2028-03-30 00:00 |
every Feb 29                                 | -                | -                | FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29
last day of the month                        | 2028-02-29 23:59 | 2028-02-29 00:00 |
"""

NO_TIMES = (
    "gift for a 50 year old man",
    "a 12 inch cake",
    "size 7 ring",
    "6 month old baby",
    "between 6 and 8 people",
    "6 to 8 guests",
    "5 or 6 balloons",
    "2 for 20",
    "a pack of 12 may be fine",
    "I want the may queen flowers",
    "the april issue",
    "a 1920s party",
    "1950s style diner",
    "a 2019 cabernet",
    "vintage 2015 wine",
    "3rd street",
    "the 2nd option",
    "a quarter pounder",
    "a day at the spa",
    "3 nights",
    "30 day trial",
    "12 month calendar",
    "1 week old puppy",
    "June's birthday",
    "for June",
    "Augusta National",
    "sunday's best brunch for 2",
    "remind me 3 days before her birthday",
    "two hours before the party",
    "an hour early",
    "2 days late",
    "running 30 minutes late",
    "10 minutes away",
    "make it an hour later",
    "on the next dry day",
    "the next time it snows",
    "for 12 people",
    "under $80",
    "2026 roses",
    "size 10",
    "May I have a cake",
    "march band",
    "I love the sun",
    "the second one",
    "wait a minute",
    "table for 7",
    "a 5-tier cake",
    "24 roses",
    "you may deliver it",
    "a gift for May",
    "he sat down",
    "fall in love",
    "spring rolls",
    "Sunday roast",
    "midnight blue dress",
    "evening gown",
    "morning glory seeds",
    "available 24/7",
    "good morning, I need help",
    "Good evening",
    "get well soon card",
    "a cup of tea",
    "8 by 10 frame",
    "a ten year old",
    "my 30th birthday",
    "on the second floor",
    "the 15th anniversary",
    "have a nice weekend",
    "a sundae",
    "weekend bag",
    "a Christmas gift",
    "Valentine's Day flowers",
    "Thanksgiving turkey",
    "at 5 stars",
    "order 1042",
    "room 412",
    "to 401 Congress Ave",
    "afternoon tea for four",
    "silver 18k ring",
    "3 for 2",
    "50/50 split",
    "Mother's Day flowers",
    "when the roses are back in stock",
    "whenever the price drops below 50",
    "make it two dozen",
    "change to 5 boxes",
    "no just kidding",
    "$2026 budget",
    "$10ish",
    "#5pm",
    "a second opinion",
    "mon cheri chocolates",
    "she may be late",
    "I sat on the bench",
    "the sun and sand collection",
    "friday the 13th movie poster",
    "everyday jewelry 18k",
    "the fall of Rome poster",
    "an april shower candle for April",
    "wedding for 200 guests",
    "number 7",
    "a ring size 6 and a half",
    "5 out of 5",
    "buy 2 get 1 free",
    "3 to 5 people",
    "between 50 and 80 dollars",
    "by 20 percent",
    "at least 5",
    "for 2",
    "call me at 512 555 0100",
    "flat 12 on 5 Elm Street",
    "",
    "   ",
)


def told(times: Times) -> str:
    """The row that a reading makes."""
    facts = [times.daypart, f"{times.duration_minutes} min" if times.duration_minutes else None, times.recurrence]
    facts += [times.problem, "asks" if times.confidence < 0.8 else None]
    if times.calendar and times.calendar.weekdays and not (times.deliver_by or times.recurrence):
        facts.append("any " + ",".join(times.calendar.weekdays))
    bounds = [f"{at:%Y-%m-%d %H:%M}" if at else "-" for at in (times.deliver_by, times.earliest)]
    return " | ".join([*bounds, "; ".join(fact for fact in facts if fact)])


def rows() -> list[tuple[datetime, str, str]]:
    tables = (
        (SUNDAY, SUNDAY_SAYS),
        (WEDNESDAY, WEDNESDAY_SAYS),
        (BEFORE_SUMMER_TIME, BEFORE_SUMMER_TIME_SAYS),
        (BEFORE_WINTER_TIME, BEFORE_WINTER_TIME_SAYS),
        (NEW_YEARS_EVE, NEW_YEARS_EVE_SAYS),
        (LEAP_DAY, LEAP_DAY_SAYS),
    )
    found = []
    for now, table in tables:
        for line in table.strip().splitlines():
            text, *cells = (cell.strip() for cell in line.split("|"))
            found.append((now, text, " | ".join(cells)))
    return found


@pytest.mark.parametrize(("now", "text", "expected"), rows())
def test_what_is_said_is_what_is_read(now: datetime, text: str, expected: str) -> None:
    assert told(read_times(Reading(text), now, AUSTIN)) == expected


@pytest.mark.parametrize("text", NO_TIMES)
def test_what_only_looks_like_a_time_is_none(text: str) -> None:
    reading = Reading(text)
    assert read_times(reading, SUNDAY, AUSTIN) == Times()
    assert reading.taken == []


def test_the_offsets_follow_daylight_saving() -> None:
    before = read_times(Reading("tomorrow at noon"), BEFORE_SUMMER_TIME, AUSTIN)
    assert before.deliver_by is not None
    assert before.deliver_by.isoformat() == "2026-03-08T12:00:00-05:00"
    doubled = read_times(Reading("tomorrow at 1:30am"), BEFORE_WINTER_TIME, AUSTIN)
    assert doubled.deliver_by is not None
    assert doubled.deliver_by.isoformat() == "2026-11-01T01:30:00-05:00"


def test_a_caller_elsewhere_gets_their_own_zone() -> None:
    london = ZoneInfo("Europe/London")
    now = datetime(2026, 6, 11, 14, 45, tzinfo=london)
    times = read_times(Reading("by 5pm EST on Friday"), now, london)
    assert times.deliver_by is not None
    assert times.deliver_by.isoformat() == "2026-06-12T22:00:00+01:00"


def test_now_in_another_zone_is_the_same_moment() -> None:
    text = "by tomorrow noon"
    assert read_times(Reading(text), SUNDAY.astimezone(UTC), AUSTIN) == read_times(Reading(text), SUNDAY, AUSTIN)


def test_what_others_have_claimed_is_not_read() -> None:
    reading = Reading("between 2 and 4 on Saturday")
    reading.claim(0, 15)
    times = read_times(reading, SUNDAY, AUSTIN)
    assert told(times) == "2026-11-28 23:59 | 2026-11-28 00:00 | "
    assert times.spans == ((16, 27),)


def test_a_holiday_is_left_to_be_an_occasion() -> None:
    reading = Reading("roses for Valentine's Day at 7pm, by Christmas")
    read_times(reading, SUNDAY, AUSTIN)
    reading = Reading("roses for Valentine's Day")
    times = read_times(reading, SUNDAY, AUSTIN)
    assert reading.taken == []
    assert times.spans == ((6, 25),)
    reading = Reading("roses before Christmas")
    read_times(reading, SUNDAY, AUSTIN)
    assert reading.taken == [(6, 12)]


def test_the_calendar_leaf_of_a_standing_intent() -> None:
    def leaf(text: str) -> dict[str, object]:
        found = read_times(Reading(text), SUNDAY, AUSTIN).calendar
        assert found is not None
        return found.model_dump(mode="json", by_alias=True, exclude_defaults=True)

    assert leaf("on the next sunny Thursday") == {"weekdays": ["thu"], "text": "Thursday"}
    assert leaf("if it rains on Saturday") == {"weekdays": ["sat"], "text": "on Saturday"}
    assert leaf("on Dec 12") == {"date": "2026-12-12", "text": "on Dec 12"}
    assert leaf("before Christmas")["holiday"] == "christmas day"
    assert leaf("before Christmas")["to"] == "2026-12-24T23:59:00-06:00"
    assert leaf("from tomorrow until Friday")["from"] == "2026-11-23T00:00:00-06:00"
    assert leaf("every Friday until Dec 20") == {
        "weekdays": ["fri"],
        "to": "2026-12-20T23:59:00-06:00",
        "recurrence": "FREQ=WEEKLY;BYDAY=FR",
        "text": "every Friday until Dec 20",
    }
    assert leaf("daily at 9am")["from"] == "2026-11-23T09:00:00-06:00"


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("12", (12, 1)), ("1.5k", (1500, 1)), ("1,200 roses", (1200, 2)), ("twenty-five", (25, 1)),
        ("twenty five", (25, 2)), ("a dozen roses", (12, 2)), ("two dozen", (24, 2)), ("half", (0.5, 1)),
        ("half an hour", (0.5, 2)), ("half a dozen", (6, 3)), ("a half dozen", (6, 3)), ("a couple of", (2, 3)),
        ("a pair of", (2, 3)), ("baker's dozen", (13, 2)), ("a hundred and fifty", (150, 4)),
        ("two hundred and fifty dollars", (250, 4)), ("two thousand five hundred", (2500, 4)),
        ("one hundred thousand", (100_000, 3)), ("two and a half", (2.5, 4)), ("five grand", (5000, 2)),
        ("three dozens of", (36, 3)), ("a cake", None), ("hundred", None), ("²", None), ("12.3.4", None), ("", None),
    ],
)  # fmt: skip
def test_numbers_in_words(said: str, expected: tuple[float, int] | None) -> None:
    assert number_at(Reading(said).words, 0) == expected


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("saterday", "saturday"), ("wendsday", "wednesday"), ("tommorow", "tomorrow"), ("thrusday", "thursday"),
        ("satruday", "saturday"), ("decmber", "december"), ("novembre", "november"), ("fridayy", "friday"),
        ("sundae", "sundae"), ("mourning", "mourning"), ("monkey", "monkey"), ("fridays", "fridays"), ("may", "may"),
    ],
)  # fmt: skip
def test_slips_of_the_pen(typed: str, meant: str) -> None:
    assert corrected(typed) == meant


@pytest.mark.parametrize(
    ("name", "day"),
    [
        ("easter", date(2027, 3, 28)), ("thanksgiving", date(2027, 11, 25)), ("mothers day", date(2027, 5, 9)),
        ("hanukkah", date(2027, 12, 25)), ("passover", date(2027, 4, 22)), ("rosh hashanah", date(2027, 10, 2)),
        ("yom kippur", date(2027, 10, 11)), ("good friday", date(2027, 3, 26)), ("memorial day", date(2027, 5, 31)),
        ("mardi gras", date(2027, 2, 9)), ("cyber monday", date(2027, 11, 29)), ("diwali", date(2027, 10, 29)),
        ("mlk day", date(2027, 1, 18)), ("mothering sunday", date(2027, 3, 7)), ("labor day", date(2027, 9, 6)),
    ],
)  # fmt: skip
def test_holidays(name: str, day: date) -> None:
    assert HOLIDAYS[name].on(2027) == day


def test_movable_feasts_stay_within_their_seasons() -> None:
    assert all(date(year, 3, 22) <= easter(year) <= date(year, 4, 25) for year in range(1900, 2200))
    starts = [new_moon_of_tishri(year) for year in range(1950, 2099)]
    assert {start.weekday() for start in starts} == {0, 1, 3, 5}
    assert {(later - start).days for start, later in pairwise(starts)} == {353, 354, 355, 383, 384, 385}


SHAPES = (
    "-", "/", ",", ".", ":", "5", "12", "31", "0", "99999", "2026", "5pm", "17:30", "25:00", "12/5", "13/45/99",
    "2026-02-30", "0/0", "31st", "99th", "5:99pm", "2026-12-05t99:99", "20:00+99:99", "+", "14", "est", "pacific",
    "time", "until", "between", "hour", "minutes", "days", "weeks", "years", "ago", "1.5", "999999999", "sunny",
    "it's", "fri-sun", "2028-02-29", "24:00", "12am", "0am", "13pm", "not", "make", "it", "instead", "within",
    "under", "pm", "am", "h", "hrs", "٣pm", "²pm", "😀",
)  # fmt: skip
VOCABULARY = sorted({*STARTERS, *FOLLOWERS, *HOLIDAYS, *IDIOMS, *SHAPES})
SENTENCES = st.lists(st.sampled_from(VOCABULARY), max_size=9).map(" ".join) | st.text(max_size=80)
ZONES = st.sampled_from(["America/Chicago", "Pacific/Apia", "Europe/London", "UTC", "Australia/Lord_Howe"]).map(
    ZoneInfo
)
NOWS = st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC))


@given(SENTENCES, NOWS, ZONES)
def test_any_text_can_be_read(text: str, now: datetime, zone: ZoneInfo) -> None:
    reading = Reading(text)
    times = read_times(reading, now, zone)
    for at in (times.deliver_by, times.earliest):
        assert at is None or at.utcoffset() == at.astimezone(zone).utcoffset()
    assert all(0 <= start < end <= len(text) for start, end in times.spans)
    assert all(any(a <= start and end <= b for a, b in times.spans) for start, end in reading.taken)
    assert all(earlier[1] <= later[0] for earlier, later in pairwise(sorted(reading.taken)))
    assert 0 <= times.confidence <= 1
    assert not (times.recurrence and times.deliver_by)
    assert read_times(Reading(text), now, zone) == times


@given(NOWS, st.integers(1, 5_000))
def test_elapsed_time_is_elapsed(now: datetime, minutes: int) -> None:
    times = read_times(Reading(f"within {minutes} minutes"), now, AUSTIN)
    assert times.deliver_by is not None
    assert times.deliver_by - now == timedelta(minutes=minutes)


@given(st.dates(date(2020, 1, 1), date(2040, 1, 1)), st.integers(0, 400))
def test_a_date_is_that_day_however_it_is_written(today: date, ahead: int) -> None:
    now = datetime(today.year, today.month, today.day, 9, tzinfo=AUSTIN)
    day = today + timedelta(days=ahead)
    for form in ("%Y-%m-%d", "%m/%d/%Y", "%B %d, %Y", "%d %b %Y", "%A, %B %d %Y"):
        times = read_times(Reading(f"by {day:{form}}"), now, AUSTIN)
        assert times.deliver_by is not None, form
        assert (times.deliver_by.date(), times.problem) == (day, None)


@pytest.mark.parametrize(
    "text",
    ["the day before " * 400, "from " * 600, "5 " * 600, "a week from " * 99, "1," * 500, "\0" * 1000, "fri or " * 300],
)
def test_a_hostile_text_is_only_a_text(text: str) -> None:
    times = read_times(Reading(text), SUNDAY, AUSTIN)
    assert times.problem in {None, "contradictory", "impossible"}
