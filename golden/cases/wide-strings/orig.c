#include "case.h"
/* Strings of 16-bit characters, as EFI wants them: .rodata.str2.2. */

extern void efi_print(const __CHAR16_TYPE__ *text);
void efi_print(const __CHAR16_TYPE__ *text)
{
    asm volatile("" : : "r"(text));
}

void first(void)
{
    efi_print(u"same");
}

void second(void)
{
    efi_print(u"before");
}
