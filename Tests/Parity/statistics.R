# SPDX-License-Identifier: Apache-2.0

# What R says (its distributions, aov, mvtnorm, multcomp) where Statistics says it too: name and value,
# as Tests/Golden/statistics.txt, which the Swift tests compare with.
#
#     Rscript Tests/Parity/statistics.R
#
# Debian: r-base-core, r-cran-mvtnorm, r-cran-multcomp.
suppressPackageStartupMessages({
  library(mvtnorm)
  library(multcomp)
})
set.seed(1)

say <- function(name, value, digits) cat(sprintf("%s %.*f\n", name, digits, value))

# Dunnett: many equally correlated |t|.
for (others in c(1, 4, 12)) for (degrees in c(4, 16, 0)) {
  correlation <- matrix(0.5, others, others)
  diag(correlation) <- 1
  quantile <- if (others == 1) {
    if (degrees == 0) qnorm(0.975) else qt(0.975, degrees)
  } else {
    qmvt(0.95, tail = "both.tails", df = degrees, corr = correlation,
      algorithm = GenzBretz(maxpts = 1e5, abseps = 2e-4))$quantile
  }
  say(sprintf("dunnett-%d-%d", others, degrees), quantile, 3)
}

# Tukey: the studentized range.
for (arms in c(3, 5, 13)) for (degrees in c(4, 16, 0)) {
  quantile <- qtukey(0.95, arms, if (degrees == 0) Inf else degrees) / sqrt(2)
  say(sprintf("tukey-%d-%d", arms, degrees), quantile, 6)
}

# A figure of seeds alone: 4 arms, 5 seeds, paired.
loss <- c(
  0.52, 0.61, 0.55, 0.58, 0.49, 0.47, 0.58, 0.49, 0.55, 0.45, 0.50, 0.57, 0.56, 0.54, 0.47,
  0.61, 0.69, 0.60, 0.70, 0.57)
seeds <- data.frame(loss, arm = factor(rep(0:3, each = 5)), seed = factor(rep(0:4, 4)))
model <- lm(loss ~ arm + seed, seeds)
for (family in c("Dunnett", "Tukey")) {
  comparisons <- glht(model, mcp(arm = family))
  result <- summary(comparisons, test = adjusted("single-step"))
  interval <- confint(comparisons, calpha = univariate_calpha())$confint
  joint <- confint(comparisons)$confint
  for (row in seq_along(result$test$coefficients)) {
    name <- sub(" - ", "-", names(result$test$coefficients)[row])
    name <- sprintf("%s-%s", tolower(family), name)
    say(paste0(name, "-value"), result$test$coefficients[row], 9)
    say(paste0(name, "-error"), result$test$sigma[row], 9)
    say(paste0(name, "-single-lower"), interval[row, "lwr"], 9)
    say(paste0(name, "-joint-lower"), joint[row, "lwr"], 4)
    say(paste0(name, "-adjusted-p"), result$test$pvalues[row], 4)
  }
}
say("paired-t-p", t.test(loss[1:5], loss[6:10], paired = TRUE)$p.value, 9)

# Seeds × images: the mean squares of a difference, 3 seeds, 8 images.
first <- c(1, 1, 0, 1, 1, 0, 1, 1, 1, 0, 0, 1, 1, 1, 1, 1, 1, 1, 0, 1, 1, 0, 1, 0)
second <- c(1, 0, 0, 1, 0, 0, 1, 1, 0, 0, 0, 1, 1, 0, 1, 0, 1, 1, 1, 0, 1, 0, 0, 0)
crossed <- data.frame(d = first - second, seed = factor(rep(1:3, each = 8)),
  image = factor(rep(1:8, 3)))
squares <- anova(lm(d ~ seed + image, crossed))[["Mean Sq"]]
say("squares-seeds", squares[1], 9)
say("squares-images", squares[2], 9)
say("squares-error", squares[3], 9)

# Power of a paired t, and two correlated normal values.
for (count in c(3, 5, 8)) {
  power <- power.t.test(n = count, delta = 0.5, sd = 0.3, type = "paired", strict = TRUE)
  say(sprintf("power-%d", count), power$power, 6)
}
say("both-above", pmvnorm(lower = c(0.3, -0.5), corr = matrix(c(1, 0.7, 0.7, 1), 2)), 9)
