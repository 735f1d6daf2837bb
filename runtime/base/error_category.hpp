// The error category of a folder's `enum class errc`.
//
//     static const category_of<errc> instance("gossamer.rooms", text_of);
#pragma once

#include <boost/system/error_category.hpp>

#include <string>
#include <string_view>

namespace gossamer {

// Boost's base class has a protected, non-virtual destructor; nobody deletes through it.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wnon-virtual-dtor"
template <class Errc>
class category_of final : public boost::system::error_category {
 public:
  /// `name` must outlive the category. `text_of` also gets values that are no Errc.
  category_of(const char* name, std::string_view (*text_of)(Errc)) noexcept
      : name_(name), text_of_(text_of) {}

  [[nodiscard]] const char* name() const noexcept override { return name_; }
  [[nodiscard]] std::string message(int value) const override {
    return std::string(text_of_(static_cast<Errc>(value)));
  }

 private:
  const char* name_;
  std::string_view (*text_of_)(Errc);
};
#pragma GCC diagnostic pop

}  // namespace gossamer
