"""The commands of `gengxin`, one file for each group; what is heavy is imported where it is used."""
