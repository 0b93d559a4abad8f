"""What can be measured, against peers in the same run; each script ends with one line `RESULT {...}`."""
